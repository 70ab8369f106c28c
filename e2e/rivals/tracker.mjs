/** A WebTorrent tracker on the address that it is given, on a free port that it prints. p2p-media-loader's viewers meet there. */
import Server from 'bittorrent-tracker/server';

const tracker = new Server({ http: true, udp: false, ws: true, stats: false });
tracker.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
// A viewer that leaves in mid-sentence: no business of the benchmark.
tracker.on('warning', () => undefined);
tracker.listen(0, process.argv[2], () => {
  console.log(`listening on ${tracker.http.address().port}`);
});
