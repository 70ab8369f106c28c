/**
 * A WebTorrent tracker for p2p-media-loader's viewers. It listens on the given address and a free port, and prints the
 * port.
 */
import Server from 'bittorrent-tracker/server';

const tracker = new Server({ http: true, udp: false, ws: true, stats: false });
tracker.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
// For example a viewer that leaves in the middle of a message, which does not concern the benchmark.
tracker.on('warning', () => undefined);
tracker.listen(0, process.argv[2], () => {
  console.log(`listening on ${tracker.http.address().port}`);
});
