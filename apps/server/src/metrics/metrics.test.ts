import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Metrics } from './metrics.ts';

function lines(text: string): string[] {
  return text.split('\n').filter((line) => !line.startsWith('#') && line !== '');
}

it('counts the reported events', async () => {
  const metrics = new Metrics(() => 0);
  metrics.countOriginBytes('live', 'segment', 700);
  metrics.countOriginBytes('live', 'segment', 300);
  metrics.countOriginBytes('live', 'playlist', 10);
  metrics.countPublished('live', 500);
  metrics.countAnnouncement('live');
  metrics.countRejectedMessage('malformed');
  metrics.countPollution('live');
  metrics.countBan('live');
  metrics.countRefusedRequest('egress-limit');
  metrics.observeConnect('live', 400);
  const text = lines(await metrics.registry.metrics());
  expect(text).toEqual(
    expect.arrayContaining([
      'freshet_origin_bytes_total{stream="live",kind="segment"} 1000',
      'freshet_origin_bytes_total{stream="live",kind="playlist"} 10',
      'freshet_published_bytes_total{stream="live"} 500',
      'freshet_published_segments_total{stream="live"} 1',
      'freshet_announcements_total{stream="live"} 1',
      'freshet_rejected_messages_total{reason="malformed"} 1',
      'freshet_pollution_reports_total{stream="live"} 1',
      'freshet_bans_total{stream="live"} 1',
      'freshet_link_connect_seconds_bucket{le="0.25",stream="live"} 0',
      'freshet_link_connect_seconds_bucket{le="0.5",stream="live"} 1',
      'freshet_link_connect_seconds_sum{stream="live"} 0.4',
      'freshet_refused_requests_total{reason="egress-limit"} 1',
      'freshet_egress_bits_per_second 4040',
    ]),
  );
});

it('reads the state of each stream at the moment of the scrape', async () => {
  const metrics = new Metrics(() => 0);
  const buffer = { bufferSeconds: 58.5, bufferBytes: 900, bufferBytesLimit: 1000 };
  const window = { windowSeconds: 40, cutByBytes: true };
  const links = { direct: 50, reflexive: 20, relayed: 9, unknown: 1 };
  const figures = {
    stream: 'live',
    ...buffer,
    ...window,
    viewers: 7,
    neighbours: 40,
    links,
    perViewer: true,
    spentBudgets: 2,
  };
  metrics.setFigures(() => [{ ...figures, state: 'live' }]);
  await metrics.registry.metrics();
  metrics.setFigures(() => [{ ...figures, state: 'stale', viewers: 6 }]);
  const text = lines(await metrics.registry.metrics());
  expect(text).toEqual(
    expect.arrayContaining([
      'freshet_viewers{stream="live"} 6',
      'freshet_neighbours{stream="live"} 40',
      'freshet_link_ends{stream="live",kind="direct"} 50',
      'freshet_link_ends{stream="live",kind="reflexive"} 20',
      'freshet_link_ends{stream="live",kind="relayed"} 9',
      'freshet_link_ends{stream="live",kind="unknown"} 1',
      'freshet_buffer_seconds{stream="live"} 58.5',
      'freshet_buffer_bytes{stream="live"} 900',
      'freshet_buffer_limit_bytes{stream="live"} 1000',
      'freshet_window_seconds{stream="live"} 40',
      'freshet_window_cut_by_bytes{stream="live"} 1',
      'freshet_sharing_off{stream="live"} 1',
      'freshet_source_state{stream="live",state="live"} 0',
      'freshet_source_state{stream="live",state="stale"} 1',
    ]),
  );
});

it('keeps the metrics of two servers in one process apart', async () => {
  const [one, other] = [new Metrics(() => 0), new Metrics(() => 0)];
  one.countAnnouncement('live');
  expect(await other.registry.metrics()).not.toContain('stream="live"');
});

it('docs/server.md explains every metric', () => {
  const docs = readFileSync(new URL('../../../../docs/server.md', import.meta.url), 'utf8');
  const names = new Metrics(() => 0).registry.getMetricsAsArray().map(({ name }) => name);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
});
