import type {
  FragmentLoaderConstructor,
  FragmentLoaderContext,
  HlsConfig,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderStats,
} from 'hls.js';
import type { SegmentSource } from './segment-source.ts';

/**
 * While a request is held there is nothing to measure. With a start in the future, hls.js's check for slow loads (time
 * since `start` against half a segment's duration) finds that no time has passed, and never switches down because of
 * it.
 */
const NOT_STARTED = Number.POSITIVE_INFINITY;

/**
 * Loads media segments and parts of our stream through the swarm. hls.js's own loader gets everything else: init
 * segments, keys, byte ranges, other hosts, and players of interstitials.
 */
export function makeFragmentLoader(source: SegmentSource): FragmentLoaderConstructor {
  return class FreshetFragmentLoader implements Loader<FragmentLoaderContext> {
    context: FragmentLoaderContext | null = null;
    /** hls.js adopts this object as the fragment's own at construction: it is changed, never replaced. */
    readonly stats: LoaderStats;
    readonly #inner: Loader<FragmentLoaderContext>;
    readonly #standsAside: boolean;
    #callbacks: LoaderCallbacks<FragmentLoaderContext> | undefined;
    #cancel: (() => void) | undefined;

    constructor(config: HlsConfig) {
      this.#inner = new config.loader(config) as Loader<FragmentLoaderContext>;
      this.stats = this.#inner.stats;
      this.#standsAside = config.assetPlayerId !== undefined;
    }

    load(
      context: FragmentLoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): void {
      this.context = context;
      const { frag } = context;
      const span = context.part ?? frag;
      const isMedia = !context.rangeEnd && frag.sn !== 'initSegment';
      const segment = isMedia && !this.#standsAside ? source.accepts(context.url) : undefined;
      if (segment === undefined) {
        this.#loadElsewhere(context, config, callbacks, isMedia);
        return;
      }
      this.#callbacks = callbacks;
      this.stats.loading.start = NOT_STARTED;
      this.#cancel = source.request({
        segment,
        kind: frag.type,
        durationMs: span.duration * 1000,
        mediaStart: span.start,
        onSegment: (data, times) => {
          Object.assign(this.stats.loading, times);
          this.stats.loaded = this.stats.total = data.byteLength;
          this.#finish((done) => {
            done.onProgress?.(this.stats, context, data, null);
            done.onSuccess({ url: context.url, data, code: 200 }, this.stats, context, null);
          });
        },
        onFailed: (status) => {
          this.stats.loading.end = performance.now();
          this.#finish((done) => {
            done.onError({ code: status, text: 'not available' }, context, null, this.stats);
          });
        },
        onProgress: (loaded, times) => {
          this.stats.loaded = loaded;
          Object.assign(this.stats.loading, times);
        },
      });
    }

    abort(): void {
      if (this.#cancel === undefined) {
        this.#inner.abort();
        return;
      }
      this.stats.aborted = true;
      const { context } = this;
      this.#finish((done) => {
        if (context !== null) done.onAbort?.(this.stats, context, null);
      });
    }

    destroy(): void {
      this.#cancel?.();
      this.#cancel = undefined;
      this.#callbacks = undefined;
      this.context = null;
      this.#inner.destroy();
    }

    getCacheAge(): number | null {
      return this.#inner.getCacheAge?.() ?? null;
    }

    getResponseHeader(name: string): string | null {
      return this.#inner.getResponseHeader?.(name) ?? null;
    }

    /** Calls one callback, and none after it. */
    #finish(tell: (callbacks: LoaderCallbacks<FragmentLoaderContext>) => void): void {
      const callbacks = this.#callbacks;
      this.#callbacks = undefined;
      this.#cancel?.();
      this.#cancel = undefined;
      if (callbacks !== undefined) tell(callbacks);
    }

    #loadElsewhere(
      context: FragmentLoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
      counts: boolean,
    ): void {
      // hls.js makes a context for each load; the segment itself keeps the playlist's address.
      if (counts && !this.#standsAside) context.url = source.addressed(context.url);
      this.#inner.load(context, config, {
        ...callbacks,
        onSuccess: (response, stats, done, details) => {
          if (counts && response.data instanceof ArrayBuffer)
            source.loadedElsewhere(response.data.byteLength);
          callbacks.onSuccess(response, stats, done, details);
        },
      });
    }
  };
}
