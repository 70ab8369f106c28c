import type {
  HlsConfig,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderStats,
  PlaylistLoaderContext,
} from 'hls.js';
import { LoadStats } from 'hls.js';
import { expect, test, vi } from 'vitest';
import { makePlaylistLoader } from './playlist-loader.ts';
import { ReloadScheduler } from './reload-scheduler.ts';
import { SegmentUrls } from '../origin/segment-urls.ts';

const URL_ = 'https://host/live/demo/0a0b0c0d/index.m3u8';
const id = (msn: number) => ({ epoch: 1, rendition: '0a0b0c0d', msn });
const playlist = (msn: number) => `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${msn}.ts?epoch=1\n`;

/** hls.js's default loader, which answers with the current playlist. */
class DefaultLoader implements Loader<PlaylistLoaderContext> {
  static newest = 5;
  static loads = 0;
  static answers = true;
  static firstByteMs: number | null;
  context: PlaylistLoaderContext | null = null;
  stats: LoaderStats = new LoadStats();
  destroy = vi.fn();
  abort = vi.fn();
  load(
    context: PlaylistLoaderContext,
    config: LoaderConfiguration,
    callbacks: LoaderCallbacks<PlaylistLoaderContext>,
  ): void {
    DefaultLoader.loads++;
    DefaultLoader.firstByteMs = config.loadPolicy.maxTimeToFirstByteMs;
    if (!DefaultLoader.answers) {
      callbacks.onTimeout(this.stats, context, null);
      return;
    }
    this.stats.loading.start = 10_000;
    callbacks.onSuccess(
      { url: context.url, data: playlist(DefaultLoader.newest), code: 200 },
      this.stats,
      context,
      null,
    );
  }
}

function stage() {
  DefaultLoader.newest = 5;
  DefaultLoader.loads = 0;
  DefaultLoader.answers = true;
  let now = 9000;
  const reloads = new ReloadScheduler(() => now);
  const urls = new SegmentUrls({
    stream: 'demo',
    serverOrigin: 'https://host',
    signallingPath: '/swarm',
    mediaPrefix: 'https://host/live/demo/',
  });
  const Loader = makePlaylistLoader({ reloads, urls });
  reloads.connected = true;
  reloads.announced(id(5));
  const load = (facts: object = {}, config: object = {}) => {
    const loader = new Loader({ loader: DefaultLoader, ...config } as unknown as HlsConfig);
    const callbacks = { onSuccess: vi.fn(), onError: vi.fn(), onTimeout: vi.fn(), onAbort: vi.fn() };
    const context = { url: URL_, type: 'level', deliveryDirectives: null, levelOrTrack: null, ...facts };
    loader.load(
      context as never,
      { loadPolicy: { maxTimeToFirstByteMs: 9000 } } as LoaderConfiguration,
      callbacks,
    );
    return { loader, callbacks };
  };
  return {
    reloads,
    urls,
    load,
    at: (time: number) => {
      now = time;
    },
  };
}

test('holds a reload that would bring nothing new until the announcement', () => {
  const { reloads, load } = stage();
  load();
  const { callbacks } = load();
  expect(DefaultLoader.loads).toBe(1);
  DefaultLoader.newest = 6;
  reloads.announced(id(6));
  expect(DefaultLoader.loads).toBe(2);
  expect(callbacks.onSuccess).toHaveBeenCalledOnce();
});

test('does not make an aborted or destroyed reload', () => {
  const { reloads, load } = stage();
  load();
  const aborted = load();
  aborted.loader.abort();
  expect(aborted.callbacks.onAbort).toHaveBeenCalledOnce();
  load().loader.destroy();
  reloads.announced(id(6));
  expect(DefaultLoader.loads).toBe(1);
});

test.each<[string, object, object]>([
  ['the multivariant playlist', { type: 'manifest' }, {}],
  ['a blocking reload', { deliveryDirectives: {} }, {}],
  ['a player of interstitials', {}, { assetPlayerId: 'ad' }],
  ['another kind of track', { type: 'audioTrack' }, {}],
])('never holds a request: %s', (_name, facts, config) => {
  const { load } = stage();
  load();
  load(facts, config);
  expect(DefaultLoader.loads).toBe(2);
});

test('schedules the next reload half a segment before the next publication', () => {
  const { load } = stage();
  expect(load().loader.stats.loading.start).toBe(8000);
  const details = { requestScheduled: 12_345 };
  const { reloads, load: again, at } = stage();
  again();
  at(11_000);
  DefaultLoader.newest = 6;
  reloads.announced(id(6));
  again({ levelOrTrack: { details } });
  expect(details.requestScheduled).toBe(10_000);
});

test('keeps hls.js’s own schedule without announcements', () => {
  const { reloads, load } = stage();
  reloads.connected = false;
  const details = { requestScheduled: 12_345 };
  const { loader } = load({ levelOrTrack: { details } });
  expect(details.requestScheduled).toBe(12_345);
  expect(loader.stats.loading.start).toBe(10_000);
});

test('learns segment addresses from playlists', () => {
  const { urls, load } = stage();
  load();
  expect(urls.urlOf(id(6))).toBe('https://host/live/demo/0a0b0c0d/6.ts?epoch=1');
});

test('waits 3 s for the first byte of an ordinary reload, and 8 s after a time-out', () => {
  const { load } = stage();
  load();
  expect(DefaultLoader.firstByteMs).toBe(3000);
  load({ deliveryDirectives: {} });
  expect(DefaultLoader.firstByteMs, 'the server holds a blocking reload').toBe(9000);
  load({ type: 'manifest' });
  expect(DefaultLoader.firstByteMs).toBe(9000);

  DefaultLoader.answers = false;
  load({ url: `${URL_}?a` });
  load({ url: `${URL_}?b` });
  expect(DefaultLoader.firstByteMs).toBe(8000);
  DefaultLoader.answers = true;
  load({ url: `${URL_}?c` });
  load({ url: `${URL_}?d` });
  expect(DefaultLoader.firstByteMs).toBe(3000);
});
