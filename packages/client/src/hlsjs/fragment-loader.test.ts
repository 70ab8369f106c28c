import type {
  FragmentLoaderContext,
  HlsConfig,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderStats,
} from 'hls.js';
import { LoadStats } from 'hls.js';
import { expect, test, vi } from 'vitest';
import { makeFragmentLoader } from './fragment-loader.ts';
import type { SegmentRequest, SegmentSource } from './segment-source.ts';

const OURS = 'https://host/live/demo/0a0b0c0d/5.ts?epoch=1';
const SEGMENT = { epoch: 1, rendition: '0a0b0c0d', msn: 5 };

/** hls.js's default loader, as far as ours uses it. */
class DefaultLoader implements Loader<FragmentLoaderContext> {
  static readonly loads: string[] = [];
  context: FragmentLoaderContext | null = null;
  stats: LoaderStats = new LoadStats();
  destroy = vi.fn();
  abort = vi.fn();
  load(
    context: FragmentLoaderContext,
    _config: LoaderConfiguration,
    callbacks: LoaderCallbacks<FragmentLoaderContext>,
  ): void {
    DefaultLoader.loads.push(context.url);
    callbacks.onSuccess(
      { url: context.url, data: new ArrayBuffer(10), code: 200 },
      this.stats,
      context,
      null,
    );
  }
}

function loading(facts: Partial<FragmentLoaderContext> & { sn?: number | 'initSegment' } = {}, config = {}) {
  DefaultLoader.loads.length = 0;
  const requests: SegmentRequest[] = [];
  const cancel = vi.fn();
  const loadedElsewhere = vi.fn();
  const source: SegmentSource = {
    accepts: (url) => (url === OURS ? SEGMENT : undefined),
    request: (request) => {
      requests.push(request);
      return cancel;
    },
    addressed: (url) => `${url}#addressed`,
    loadedElsewhere,
  };
  const Loader = makeFragmentLoader(source);
  const loader = new Loader({ loader: DefaultLoader, ...config } as unknown as HlsConfig);
  const stats = loader.stats;
  const callbacks = {
    onSuccess: vi.fn<LoaderCallbacks<FragmentLoaderContext>['onSuccess']>(),
    onError: vi.fn(),
    onTimeout: vi.fn(),
    onAbort: vi.fn(),
    onProgress: vi.fn(),
  };
  const { sn = 5, ...context } = facts;
  loader.load(
    { url: OURS, part: null, frag: { sn, type: 'main', duration: 2, start: 30 }, ...context } as never,
    {} as LoaderConfiguration,
    callbacks,
  );
  const calls = () => Object.values(callbacks).reduce((sum, { mock }) => sum + mock.calls.length, 0);
  return { loader, stats, callbacks, calls, requests, cancel, loadedElsewhere };
}

const TIMES = { start: 100, first: 150, end: 250 };

test('requests a segment of our stream with its position in the stream and on the timeline', () => {
  const { requests } = loading();
  expect(requests).toMatchObject([{ segment: SEGMENT, kind: 'main', durationMs: 2000, mediaStart: 30 }]);
  expect(DefaultLoader.loads).toEqual([]);
});

test('requests a part of our stream with its own position on the timeline', () => {
  const { requests } = loading({ part: { start: 30.5, duration: 0.5 } as never });
  expect(requests).toMatchObject([{ segment: SEGMENT, kind: 'main', durationMs: 500, mediaStart: 30.5 }]);
});

test('hls.js’s own loads use the address that the source gives, since a CDN may need a token', () => {
  loading({ url: 'https://cdn/5.ts' });
  expect(DefaultLoader.loads).toEqual(['https://cdn/5.ts#addressed']);
  loading({ url: 'https://cdn/init.mp4', sn: 'initSegment' });
  expect(DefaultLoader.loads).toEqual(['https://cdn/init.mp4']);
});

test('while a request is held, hls.js’s check for slow loads sees no time pass', () => {
  const { stats } = loading();
  const timeLoading = performance.now() - stats.loading.start;
  expect(timeLoading).toBe(Number.NEGATIVE_INFINITY);
  expect(stats.loaded).toBe(0);
});

test('reports success once, with the stats object that hls.js took at construction', () => {
  const { loader, stats, callbacks, calls, requests } = loading();
  const body = new ArrayBuffer(1000);
  requests[0]?.onProgress(400, { start: 90, first: 95 });
  expect(stats).toMatchObject({ loaded: 400, loading: { start: 90, first: 95 } });
  requests[0]?.onSegment(body, TIMES);
  expect(loader.stats).toBe(stats);
  expect(stats).toMatchObject({ loaded: 1000, total: 1000, aborted: false, loading: TIMES });
  expect(callbacks.onSuccess.mock.calls[0]?.[0]).toEqual({ url: OURS, data: body, code: 200 });
  expect(callbacks.onProgress).toHaveBeenCalledOnce();
  requests[0]?.onSegment(body, TIMES);
  requests[0]?.onFailed(0);
  loader.abort();
  expect(calls()).toBe(2);
});

test('reports failure once, with the origin’s status', () => {
  const { callbacks, calls, requests } = loading();
  requests[0]?.onFailed(404);
  requests[0]?.onSegment(new ArrayBuffer(1), TIMES);
  expect(callbacks.onError.mock.calls[0]?.[0]).toMatchObject({ code: 404 });
  expect(calls()).toBe(1);
});

test('an abort withdraws the request and is reported once', () => {
  const { loader, stats, callbacks, calls, requests, cancel } = loading();
  loader.abort();
  expect(cancel).toHaveBeenCalledOnce();
  expect(stats.aborted).toBe(true);
  requests[0]?.onSegment(new ArrayBuffer(1), TIMES);
  expect(callbacks.onAbort).toHaveBeenCalledOnce();
  expect(calls()).toBe(1);
});

test('withdraws the request and reports nothing when destroyed without an answer', () => {
  const { loader, calls, requests, cancel } = loading();
  loader.destroy();
  expect(cancel).toHaveBeenCalledOnce();
  requests[0]?.onSegment(new ArrayBuffer(1), TIMES);
  expect(calls()).toBe(0);
});

test.each<[string, Parameters<typeof loading>[0], object]>([
  ['an init segment', { sn: 'initSegment' }, {}],
  ['a byte range', { rangeStart: 0, rangeEnd: 10 }, {}],
  ['another host’s segment', { url: 'https://cdn/5.ts' }, {}],
  ['a player of interstitials', {}, { assetPlayerId: 'ad' }],
])('leaves %s to hls.js’s own loader', (_name, facts, config) => {
  const { callbacks, requests } = loading(facts, config);
  expect(requests).toEqual([]);
  expect(DefaultLoader.loads).toHaveLength(1);
  expect(callbacks.onSuccess).toHaveBeenCalledOnce();
});

test('counts segments that hls.js’s own loader fetched, but no init segments', () => {
  expect(loading({ url: 'https://cdn/5.ts' }).loadedElsewhere).toHaveBeenCalledWith(10);
  expect(loading({ sn: 'initSegment' }).loadedElsewhere).not.toHaveBeenCalled();
});
