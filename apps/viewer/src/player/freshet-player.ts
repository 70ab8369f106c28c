import type { Freshet, Statistics } from '@freshet/client';
import { find, setText } from '@freshet/ui';
import type Hls from 'hls.js';
import { type ConsentMode, isGiving } from '../panel/consent.ts';
import { onGiving } from '../panel/giving.ts';
import panelCss from '../panel/panel.css?inline';
import { Panel } from '../panel/panel.ts';
import { beginPlaying } from './begin-playing.ts';
import { bindLiveEdge, CONTROLS_WITHIN_MS, loadControls, nameCaptionsSwitch } from './controls/controls.ts';
import { fillShadow } from './fill-shadow.ts';
import { readOptions, readPanelMode } from './options.ts';
import { startPlayback, type Playback } from './playback.ts';
import playerCss from './player.css?inline';
import { PLAYER_TEMPLATE } from './player-template.ts';
import { watchStalls } from './stall-watch.ts';
import { SettingsMenu } from './controls/settings-menu.ts';
import type { TokenSource } from './token.ts';
import { styleSheet } from './style-sheet.ts';
import { followWindow } from './controls/time-window.ts';
import { misconfigured, UNSUPPORTED, type Trouble } from './trouble.ts';

/**
 * `idle`: waits for a click, nothing is loaded. `blocked`: loaded, but the browser requires a click. `trouble`: shows
 * why it does not play.
 */
export type PlayerPhase = 'idle' | 'loading' | 'playing' | 'blocked' | 'trouble';

/** Events of the element. They do not bubble. */
export interface FreshetPlayerEvents {
  /** Loading has begun. hls.js and Freshet exist, or both are undefined if the browser's own player plays. */
  ready: CustomEvent<{ readonly hls: Hls | undefined; readonly freshet: Freshet | undefined }>;
  phase: CustomEvent<PlayerPhase>;
  /** About once a second. */
  statistics: CustomEvent<Statistics>;
  trouble: CustomEvent<Trouble>;
}

/** HTMLElement does not exist on a server that renders pages, and importing this file there must not fail. */
const Base = (globalThis as { HTMLElement?: typeof HTMLElement }).HTMLElement ?? (Object as never);

/**
 * `<freshet-player server="https://host/" stream="live" autoplay muted>`: a live stream with its controls and the panel
 * about sharing.
 *
 * Attributes: `src` (playlist URL) or `server` and `stream`; `autoplay`; `muted`; `poster` (a picture until it plays);
 * `token` (of a private stream; as a property also a function); `panel` (`closed`, `open`, `none`); `debug` (client logs on the console). Of these,
 * `src`, `server`, `stream`, `poster` and `panel` may change while it plays. With `panel="none"` the page itself has to
 * inform the viewer about sharing.
 */
export class FreshetPlayer extends Base {
  static readonly observedAttributes = ['src', 'server', 'stream', 'panel', 'poster'];

  readonly video: HTMLVideoElement;
  readonly #frame: HTMLElement;
  readonly #panel: Panel;
  readonly #sound: HTMLElement;
  readonly #unmute: HTMLElement;
  readonly #notice: HTMLElement;
  readonly #card: HTMLElement;
  readonly #settings: SettingsMenu;
  #consent: ConsentMode | undefined;
  #token: TokenSource | undefined;
  /**
   * Makes another token of a private stream when the one in `token` is about to expire. Needed only if `token` is text.
   * Set it before the stream loads.
   */
  onTokenExpired: (() => string | Promise<string>) | undefined;
  #phase: PlayerPhase = 'idle';
  #playback: Playback | undefined;
  /** The last failure; undefined once something plays after it. */
  #passing: Trouble | undefined;
  #restartDue = false;
  #connection: AbortController | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [playerCss, panelCss].map((text) => styleSheet(text));
    fillShadow(root, PLAYER_TEMPLATE);
    this.#frame = find(root, '.frame');
    this.video = find(root, 'video', HTMLVideoElement);
    this.#sound = find(root, '.sound');
    this.#unmute = find(root, '.unmute');
    this.#notice = find(root, '.notice');
    this.#card = find(root, '.trouble');
    this.#panel = new Panel(root, () => this.freshet?.record());
    this.#settings = new SettingsMenu(root);
    // The element that goes full screen: the picture with the panel. If set before media-controller is defined, the
    // property would hide the element's own.
    void customElements.whenDefined('media-controller').then(() => {
      Object.assign(find(root, 'media-controller'), { fullscreenElement: this.#frame });
    });
    bindLiveEdge(this.video, find(root, 'media-live-button'), () => this.#playback);
    find(root, '.start').addEventListener('click', () => {
      void this.play();
    });
    find(root, '.retry').addEventListener('click', () => {
      this.retry();
    });
    this.#unmute.addEventListener('click', () => {
      this.video.muted = false;
    });
  }

  get phase(): PlayerPhase {
    return this.#phase;
  }
  /**
   * The access token of a private stream: text, or a function that makes a new one each time. Takes effect when the
   * stream loads. Default: the attribute.
   */
  get token(): TokenSource | undefined {
    return this.#token ?? this.getAttribute('token') ?? undefined;
  }
  set token(token: TokenSource | null | undefined) {
    this.#token = token ?? undefined;
  }
  /** The figures of the running client; undefined before it runs, and if the browser's own player plays. */
  get statistics(): Statistics | undefined {
    return this.#playback?.freshet?.statistics;
  }
  get freshet(): Freshet | undefined {
    return this.#playback?.freshet;
  }
  get hls(): Hls | undefined {
    return this.#playback?.hls;
  }

  connectedCallback(): void {
    void nameCaptionsSwitch(this.shadowRoot);
    const connection = new AbortController();
    this.#connection = connection;
    this.#listen(connection.signal);
    this.#applyPanelMode();
    this.#applyPoster();
    this.#panel.connect();
    this.#begin();
    setTimeout(() => void loadControls(this.video), CONTROLS_WITHIN_MS);
  }

  disconnectedCallback(): void {
    this.#connection?.abort();
    this.#connection = undefined;
    this.#panel.disconnect();
    this.#stop();
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    // Before `connectedCallback` there is nothing to change yet; an upgrade reports every attribute.
    if (this.#connection === undefined || before === now) return;
    if (name === 'panel' || name === 'poster') {
      this.#applyPanelMode();
      this.#applyPoster();
      return;
    }
    // `server` and `stream` often change together: one restart for both.
    if (this.#restartDue) return;
    this.#restartDue = true;
    queueMicrotask(() => {
      this.#restartDue = false;
      if (this.#connection !== undefined) this.#begin();
    });
  }

  /** Plays, and loads the stream first if necessary. Call it from a click to get sound. */
  async play(): Promise<void> {
    if (this.#phase === 'playing') {
      await this.video.play();
      return;
    }
    const muted = this.#phase === 'idle' ? this.hasAttribute('muted') : this.video.muted;
    await this.#start(this.#phase !== 'blocked' && muted);
  }

  /** Starts again, like the button of the error message. */
  retry(): void {
    this.#stop();
    this.#setPhase('loading');
    void this.play();
  }

  #begin(): void {
    this.#stop();
    const autoplay = this.hasAttribute('autoplay');
    this.#setPhase(autoplay ? 'loading' : 'idle');
    if (autoplay) void this.#start(this.hasAttribute('muted'));
  }

  async #start(muted: boolean): Promise<void> {
    if (this.#playback === undefined) this.#load();
    const playback = this.#playback;
    if (playback === undefined) return;
    if (this.#phase !== 'trouble') this.#setPhase('loading');
    const beginning = await beginPlaying(this.video, muted);
    if (playback !== this.#playback) return;
    if (beginning === 'refused') this.#setPhase('blocked');
    this.#unmute.hidden = beginning !== 'silent';
  }

  #load(): void {
    const options = readOptions((name) => this.getAttribute(name), document.baseURI);
    if (typeof options === 'string') {
      this.#fail(misconfigured(options));
      return;
    }
    const { url, stream, debug } = options;
    this.#panel.debug = debug;
    setText(find(this.#sound, '.name'), stream ?? new URL(url).hostname);
    const playback = startPlayback({
      video: this.video,
      url,
      stream,
      token: this.token,
      onTokenExpired: this.onTokenExpired,
      debug,
      onConsent: (mode) => {
        this.#consent = mode;
        this.#panel.consent = mode;
        this.#draw();
      },
      onTrouble: (trouble) => {
        this.#fail(trouble);
      },
    });
    this.#playback = playback;
    if (playback === undefined) {
      this.#fail(UNSUPPORTED);
      return;
    }
    if (playback.hls !== undefined) this.#settings.follow(playback.hls);
    playback.freshet?.on('statistics', (statistics) => {
      this.#emit('statistics', statistics);
      this.#draw();
    });
    playback.freshet?.on('state', () => {
      this.#draw();
    });
    this.#draw();
    this.#emit('ready', { hls: playback.hls, freshet: playback.freshet });
  }

  #fail(trouble: Trouble): void {
    this.#passing = trouble;
    if (!trouble.retried) this.#stop();
    this.#emit('trouble', trouble);
    // While the buffer still plays, nothing is shown. When it runs dry, the notice names the failure.
    if (trouble.retried && this.#phase === 'playing') return;
    setText(find(this.#card, 'h2'), trouble.title);
    setText(find(this.#card, 'p'), trouble.text);
    find(this.#card, '.retry').hidden = trouble.kind === 'unsupported' || trouble.kind === 'misconfigured';
    this.#setPhase('trouble');
  }

  /** Ends playback. The element may start again. */
  #stop(): void {
    this.#settings.clear();
    this.#playback?.destroy();
    this.#playback = undefined;
    this.#consent = undefined;
    this.#panel.consent = undefined;
    this.#unmute.hidden = true;
    this.#sound.hidden = true;
    setText(this.#notice, '');
  }

  #listen(signal: AbortSignal): void {
    const { video } = this;
    const on = (event: string, react: () => void): void => {
      video.addEventListener(event, react, { signal });
    };
    let pausedByViewer = false;
    on('playing', () => {
      this.#passing = undefined;
      this.#setPhase('playing');
    });
    on('pause', () => {
      pausedByViewer = true;
    });
    on('play', () => {
      pausedByViewer = false;
      // The controls' play button or a media key was pressed before anything was loaded.
      if (this.#phase === 'idle') void this.play();
    });
    // A picture may appear later, with another rendition, and disappear again.
    for (const event of ['loadedmetadata', 'resize'])
      on(event, () => {
        this.#sound.hidden = video.videoWidth > 0;
      });
    // Recovery from a media error reloads the element, which stops it without a `pause` event.
    on('loadedmetadata', () => {
      if (this.#phase === 'playing' && !pausedByViewer && video.paused) void this.#start(video.muted);
    });
    // The player is paused and has a picture again, so `playing` will not fire by itself.
    on('canplay', () => {
      if (this.#phase === 'trouble' && video.paused) this.#setPhase('blocked');
    });
    on('volumechange', () => {
      if (!video.muted) this.#unmute.hidden = true;
    });
    const endWatch = watchStalls(video, (stalled) => {
      this.#tellStall(stalled);
    });
    const endGiving = onGiving((giving) => this.#playback?.freshet?.setUploads(giving));
    followWindow(video, this.#frame, signal);
    signal.addEventListener('abort', () => {
      endWatch();
      endGiving();
    });
  }

  #tellStall(stalled: boolean): void {
    const why = navigator.onLine ? this.#passing?.title : 'You are offline';
    const text = why === undefined ? 'Reconnecting…' : `${why}. Reconnecting…`;
    setText(this.#notice, stalled && this.#phase === 'playing' ? text : '');
  }

  #applyPanelMode(): void {
    const mode = readPanelMode(this.getAttribute('panel'));
    this.#panel.absent = mode === 'none';
    this.#panel.open = mode === 'open';
  }

  #applyPoster(): void {
    const poster = this.getAttribute('poster');
    if (poster === null) this.video.removeAttribute('poster');
    else this.video.poster = poster;
  }

  #draw(): void {
    const { statistics } = this;
    this.#panel.draw(
      statistics === undefined
        ? { kind: 'native' }
        : { kind: 'swarm', statistics, giving: isGiving(this.#consent) },
    );
  }

  #setPhase(phase: PlayerPhase): void {
    this.#card.hidden = phase !== 'trouble';
    this.#frame.dataset['phase'] = phase;
    if (phase !== 'loading') void loadControls(this.video);
    if (this.#phase === phase) return;
    this.#phase = phase;
    this.#emit('phase', phase);
  }

  #emit<K extends keyof FreshetPlayerEvents>(name: K, detail: FreshetPlayerEvents[K]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Defines `<freshet-player>`, once per page however many scripts call it. Does nothing outside a page. */
export function definePlayer(): void {
  if (!('customElements' in globalThis)) return;
  if (customElements.get('freshet-player') === undefined)
    customElements.define('freshet-player', FreshetPlayer);
}
