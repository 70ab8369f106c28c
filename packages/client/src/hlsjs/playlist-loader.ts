import type {
  HlsConfig,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderStats,
  PlaylistLoaderConstructor,
  PlaylistLoaderContext,
} from 'hls.js';
import { playlistEdge } from './playlist-edge.ts';
import type { ReloadScheduler } from './reload-scheduler.ts';
import type { SegmentUrls } from '../origin/segment-urls.ts';
import { FirstByteLimit } from '../util/first-byte.ts';

export interface PlaylistTools {
  readonly reloads: ReloadScheduler;
  readonly urls: SegmentUrls;
}

/**
 * hls.js's own loader, but a reload that would bring nothing new waits for the announcement. The next reload is
 * scheduled so that it already waits here when the next announcement arrives.
 */
export function makePlaylistLoader({ reloads, urls }: PlaylistTools): PlaylistLoaderConstructor {
  const firstByte = new FirstByteLimit();
  return class FreshetPlaylistLoader implements Loader<PlaylistLoaderContext> {
    context: PlaylistLoaderContext | null = null;
    readonly stats: LoaderStats;
    readonly #inner: Loader<PlaylistLoaderContext>;
    readonly #standsAside: boolean;
    #callbacks: LoaderCallbacks<PlaylistLoaderContext> | undefined;
    #cancelHold: (() => void) | undefined;

    constructor(config: HlsConfig) {
      this.#inner = new config.loader(config) as Loader<PlaylistLoaderContext>;
      this.stats = this.#inner.stats;
      // hls.js makes the player of an interstitial with a copy of this configuration.
      this.#standsAside = config.assetPlayerId !== undefined;
    }

    load(
      context: PlaylistLoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<PlaylistLoaderContext>,
    ): void {
      this.context = context;
      this.#callbacks = callbacks;
      const kind: string = context.type;
      // The server itself holds a blocking reload.
      const mayWait = !this.#standsAside && kind !== 'manifest' && context.deliveryDirectives === null;
      const fetch = () => {
        this.#cancelHold = undefined;
        const { loadPolicy } = config;
        this.#inner.load(
          context,
          mayWait ? { ...config, loadPolicy: { ...loadPolicy, maxTimeToFirstByteMs: firstByte.ms } } : config,
          this.#standsAside ? callbacks : this.#watch(callbacks),
        );
      };
      this.#cancelHold = mayWait ? reloads.hold(kind, context.url, fetch) : undefined;
      if (this.#cancelHold === undefined) fetch();
    }

    abort(): void {
      if (this.#cancelHold === undefined) {
        this.#inner.abort();
        return;
      }
      this.#release();
      this.stats.aborted = true;
      if (this.context !== null) this.#callbacks?.onAbort?.(this.stats, this.context, null);
    }

    destroy(): void {
      this.#release();
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

    #release(): void {
      this.#cancelHold?.();
      this.#cancelHold = undefined;
    }

    #watch(callbacks: LoaderCallbacks<PlaylistLoaderContext>): LoaderCallbacks<PlaylistLoaderContext> {
      return {
        ...callbacks,
        onTimeout: (stats, context, details) => {
          firstByte.ended(true);
          callbacks.onTimeout(stats, context, details);
        },
        onSuccess: (response, stats, context, details) => {
          firstByte.ended(false);
          if (typeof response.data === 'string') {
            urls.readPlaylist(response.data);
            const edge = playlistEdge(response.data, response.url || context.url);
            if (edge !== undefined) urls.learn(edge.url);
            reloads.answered(context.type, context.url, edge);
            const publishedAt = edge === undefined ? undefined : reloads.publishedAt(edge);
            // hls.js reloads one segment's duration after `requestScheduled` of its current details (at first: after
            // the start of the request). With a value half a segment before the publication, the next reload starts,
            // and is held here, half a segment before the next segment is due. So no timer ever delays a new segment.
            if (edge !== undefined && publishedAt !== undefined) {
              const phase = publishedAt - edge.lastDurationMs / 2;
              const known = context.levelOrTrack?.details;
              if (known) known.requestScheduled = phase;
              else stats.loading.start = Math.min(stats.loading.start, phase);
            }
          }
          callbacks.onSuccess(response, stats, context, details);
        },
      };
    }
  };
}
