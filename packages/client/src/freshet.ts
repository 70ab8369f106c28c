import type Hls from 'hls.js';
import type { HlsConfig } from 'hls.js';
import type { FreshetEvents, FreshetOptions, FreshetState, StateCode, Statistics } from './api.ts';
import { makeFragmentLoader } from './hlsjs/fragment-loader.ts';
import { loadPolicies } from './hlsjs/load-policies.ts';
import { PlayerObserver } from './hlsjs/player-observer.ts';
import { makePlaylistLoader } from './hlsjs/playlist-loader.ts';
import { AccessToken } from './origin/access-token.ts';
import { parseStreamUrl } from './origin/stream-address.ts';
import { noLinks } from './peers/peer-links.ts';
import { canLink, hasWebRtc } from './peers/webrtc-support.ts';
import { offload } from './session/counters.ts';
import { PlainSource } from './session/plain-source.ts';
import { stateReason } from './session/state-reason.ts';
import { SwarmSession } from './session/swarm-session.ts';
import { UploadPermission } from './session/upload-permission.ts';
import { storeBytes } from './store/store-bytes.ts';
import { pageClock } from './util/clock.ts';
import { Emitter } from './util/emitter.ts';
import { makeLog } from './util/log.ts';
import { Throttle } from './util/throttle.ts';

const STATISTICS_INTERVAL_MS = 1000;

/**
 * Plays one stream through the swarm, in the caller's own hls.js:
 * ```ts
 * const freshet = new Freshet({ url });
 * const hls = new Hls({ ...freshet.hlsConfig() });
 * freshet.attach(hls);
 * hls.loadSource(freshet.url);
 * hls.attachMedia(video);
 * ```
 * Where sharing is not possible (`state` is `plain`, `statistics.stateReason` says why), the same code plays from the
 * server. Playback never depends on the swarm: its faults become events, not exceptions in the player.
 */
export class Freshet {
  /** The absolute address of the playlist, for `hls.loadSource`. */
  readonly url: string;
  readonly #emitter = new Emitter<FreshetEvents>();
  readonly #observer: PlayerObserver;
  readonly #permission: UploadPermission;
  readonly #throttle: Throttle;
  readonly #abort = new AbortController();
  readonly #plain: PlainSource;
  readonly #access: AccessToken;
  #session: SwarmSession | undefined;
  #state: FreshetState = 'plain';
  #code: StateCode = 'switched-off';
  /** Undefined until it was tested. */
  #canLink: boolean | undefined;
  #destroyed = false;

  /** Joins the swarm at once. An address that is not a Freshet stream leaves the state `plain`, and throws nothing. */
  constructor(options: FreshetOptions) {
    const base = (globalThis as { document?: Document }).document?.baseURI;
    this.url = URL.canParse(options.url, base) ? new URL(options.url, base).href : options.url;
    this.#throttle = new Throttle(STATISTICS_INTERVAL_MS, () => {
      this.#emitter.emit('statistics', this.statistics);
    });
    this.#plain = new PlainSource(
      () => {
        this.#throttle.call();
      },
      this.url,
      cdnQueryOf(options),
    );
    this.#access = new AccessToken(this.url, options.token, options.onTokenExpired);
    this.#observer = new PlayerObserver(pageClock, {
      onMoved: () => {
        this.#session?.playheadMoved();
        this.#throttle.call();
      },
      onPlaying: () => {
        this.#playing();
      },
      onWarning: (warning) => {
        // The server may have refused the token.
        if (warning.code === 'recovering') void this.#access.renew();
        this.#emitter.emit('warning', warning);
      },
      onDestroyed: () => {
        this.destroy();
      },
    });
    this.#permission = new UploadPermission(options.uploads ?? true, (allowed) => {
      this.#session?.allowUploads(allowed);
    });
    this.#start(options);
  }

  get state(): FreshetState {
    return this.#state;
  }

  /** A snapshot of the current figures. */
  get statistics(): Statistics {
    const { counters } = this.#session ?? this.#plain;
    const { meter, latencySeconds } = this.#observer;
    return {
      state: this.#state,
      stateCode: this.#code,
      stateReason: stateReason(this.#code),
      neighbours: this.#session?.neighbours ?? 0,
      links: this.#session?.links.kinds ?? noLinks(),
      connectMs: this.#session?.links.connectMs,
      uploads: this.#permission.allowed,
      ...counters,
      offload: offload(counters),
      stalls: meter.stalls,
      startupMs: meter.startupMs,
      latencySeconds,
    };
  }

  /**
   * The loaders and retry policies for `new Hls({ ...freshet.hlsConfig(), … })`. Put your own options after them, but
   * no loader of your own: an `fLoader` bypasses the swarm, a `pLoader` its scheduling of reloads.
   */
  hlsConfig(): Partial<HlsConfig> {
    const session = this.#session;
    const access = this.#access;
    return {
      ...loadPolicies(),
      fLoader: makeFragmentLoader(session ?? this.#plain),
      ...(session && { pLoader: makePlaylistLoader(session) }),
      ...((access.value ?? access.making) && { xhrSetup: access.xhrSetup }),
    };
  }

  /**
   * Follows the player until it is destroyed or another one is attached: takes deadlines from its playhead, recovers it
   * from errors that hls.js calls fatal, and destroys this object together with it. A network error is retried for
   * ever; the warning `playback-failed` tells when to give up. Without this call every segment counts as due at once,
   * which leaves peers no time to deliver it.
   */
  attach(hls: Hls): void {
    if (!this.#destroyed) this.#observer.attach(hls);
  }

  /**
   * Adds a listener. If it throws, the error is logged and affects nothing else.
   * @returns a function that removes the listener
   */
  on<Name extends keyof FreshetEvents>(
    name: Name,
    listener: (payload: FreshetEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  /** The viewer's own switch for uploads. Save-Data, a cellular network and a low battery stop uploads in any case. */
  setUploads(uploads: boolean): void {
    this.#permission.wanted = uploads;
    this.#throttle.call();
  }

  /**
   * A trace of this viewer's decisions in the last minutes, at most 4 MB: what happened, when, and what the engine
   * decided, without media, addresses or tokens. `npm run replay -- FILE` in Freshet's repository steps through it.
   * Replaying needs the beginning of the trace, which is dropped after some three minutes.
   * @returns JSON lines; undefined where the swarm was never joined.
   */
  record(): string | undefined {
    return this.#session?.trace;
  }

  /**
   * Leaves the swarm, releases the player and removes all listeners. It is called when hls.js is destroyed. Further
   * calls do nothing.
   */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#abort.abort();
    this.#observer.detach();
    this.#permission.close();
    this.#session?.close();
    this.#throttle.close();
    this.#enter('plain', 'destroyed');
    this.#emitter.clear();
  }

  #start(options: FreshetOptions): void {
    const { p2p, debug, cdnCredentials } = options;
    const address = parseStreamUrl(this.url);
    if (p2p === false) return;
    if (address === undefined) this.#code = 'foreign-url';
    else if (!hasWebRtc()) this.#code = 'no-webrtc';
    if (address === undefined || this.#code === 'no-webrtc') return;
    this.#session = new SwarmSession({
      address,
      access: this.#access,
      cdnQuery: cdnQueryOf(options),
      cdnCredentials,
      uploads: this.#permission.allowed,
      storeBytes: storeBytes(),
      log: makeLog(debug ?? false),
      player: this.#observer,
      onState: (state, code) => {
        this.#enter(state, code);
      },
      onWarning: (warning) => {
        this.#emitter.emit('warning', warning);
      },
      onChange: () => {
        this.#throttle.call();
      },
    });
    this.#watchPage(this.#session);
    // Without its first token, the viewer would be refused.
    const { making } = this.#access;
    if (making) void making.then(() => this.#session?.join());
    else this.#session.join();
  }

  #playing(): void {
    if (this.#session === undefined || this.#session.state === 'plain') return;
    this.#canLink ??= canLink();
    if (this.#canLink) this.#session.playing();
    else this.#session.giveUp('no-webrtc');
  }

  /**
   * Leaves the swarm when the page is left. Joins again when it returns from the browser's back-forward cache, and at
   * once when the page is back online.
   */
  #watchPage(session: SwarmSession): void {
    const listen = { signal: this.#abort.signal };
    const page = globalThis as Partial<Pick<Window, 'addEventListener'>>;
    const on = <Name extends keyof WindowEventMap>(name: Name, act: (event: WindowEventMap[Name]) => void) =>
      page.addEventListener?.(name, act, listen);
    on('pagehide', () => {
      session.leave();
    });
    on('pageshow', ({ persisted }) => {
      if (persisted) session.join();
    });
    on('online', () => {
      session.online();
    });
  }

  #enter(state: FreshetState, code: StateCode): void {
    if (state === this.#state && code === this.#code) return;
    this.#state = state;
    this.#code = code;
    this.#emitter.emit('state', { state, stateCode: code, stateReason: stateReason(code) });
    this.#throttle.call();
  }
}

/** If the page's own function throws, requests go out without what it would have added. */
function cdnQueryOf({ cdnQuery = '' }: FreshetOptions): () => string {
  return () => {
    try {
      return typeof cdnQuery === 'string' ? cdnQuery : cdnQuery();
    } catch {
      return '';
    }
  };
}
