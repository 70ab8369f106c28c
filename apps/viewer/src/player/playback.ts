import { Freshet } from '@freshet/client';
import { backoffMs } from '@freshet/protocol';
import Hls from 'hls.js';
import { type ConsentMode, consentMode, isGiving } from '../panel/consent.ts';
import { explain } from './explain.ts';
import { type TokenSource, withToken } from './token.ts';
import { DENIED, ENDED, troubleOfError, UNPLAYABLE, type Trouble } from './trouble.ts';

/** hls.js retries a playlist several times before it reports a failure. The viewer is told after this time. */
const PATIENCE_MS = 4000;
/** The browser's own player is tried again for ever. */
const NATIVE_FIRST_MS = 2000;
const NATIVE_LAST_MS = 15_000;
const NATIVE_HLS = 'application/vnd.apple.mpegurl';

/** The playback of a video element: by hls.js with the swarm, or by the browser's own HLS player. */
export interface Playback {
  readonly hls: Hls | undefined;
  readonly freshet: Freshet | undefined;
  /** Target of the live button, in seconds of media time; undefined while unknown. */
  readonly livePosition: number | undefined;
  /** From this position on, playback counts as live. */
  readonly liveEdgeStart: number;
  destroy(): void;
}

export interface PlaybackOptions {
  readonly video: HTMLVideoElement;
  readonly url: string;
  readonly stream: string | undefined;
  /** Access token of a private stream. */
  readonly token: TokenSource | undefined;
  /** Makes another token when that one expires. Default: `token`, if it is a function. */
  readonly onTokenExpired: (() => string | Promise<string>) | undefined;
  readonly debug: boolean;
  /** Called with the consent mode as soon as the playlist is loaded. */
  readonly onConsent: (mode: ConsentMode) => void;
  /**
   * Called for each failure that may have to be shown to the viewer. If it is not `retried`, the caller has to destroy.
   */
  readonly onTrouble: (trouble: Trouble) => void;
}

/** @returns undefined if the browser supports neither. */
export function startPlayback(options: PlaybackOptions): Playback | undefined {
  if (Hls.isSupported()) return startHls(options);
  return options.video.canPlayType(NATIVE_HLS) === '' ? undefined : startNative(options);
}

function startHls(options: PlaybackOptions): Playback {
  const { video, url, stream, token, onTokenExpired, debug, onConsent, onTrouble } = options;
  // Nothing is uploaded before the consent mode is known, unless the viewer has chosen before.
  const freshet = new Freshet({ url, token, onTokenExpired, uploads: isGiving(undefined), debug });
  const hls = new Hls({ ...freshet.hlsConfig(), liveDurationInfinity: true });
  // The client retries network errors for ever, and emits a warning when it cannot recover from a media error.
  hls.on(Hls.Events.ERROR, (_event, error) => {
    if (error.fatal && error.type === Hls.ErrorTypes.NETWORK_ERROR) onTrouble(troubleOfError(error, stream));
  });
  hls.on(Hls.Events.MANIFEST_LOADED, (_event, { sessionData }) => {
    const mode = consentMode(sessionData);
    freshet.setUploads(isGiving(mode));
    onConsent(mode);
  });
  const abort = new AbortController();
  const patience = setTimeout(() => {
    if (hls.levels.length > 0) return;
    void explain(withToken(url, token), stream, abort.signal).then((trouble) => {
      if (trouble.retried && hls.levels.length === 0 && !abort.signal.aborted) onTrouble(trouble);
    });
  }, PATIENCE_MS);
  freshet.on('warning', ({ code }) => {
    if (code === 'playback-failed') onTrouble(UNPLAYABLE);
    if (code === 'denied') onTrouble(DENIED);
  });
  video.addEventListener(
    'ended',
    () => {
      onTrouble(ENDED);
    },
    { signal: abort.signal },
  );
  freshet.attach(hls);
  hls.loadSource(freshet.url);
  hls.attachMedia(video);
  return {
    hls,
    freshet,
    get livePosition() {
      return hls.liveSyncPosition ?? undefined;
    },
    get liveEdgeStart() {
      const position = hls.liveSyncPosition;
      return position === null ? Number.NaN : position - 2 * (hls.latestLevelDetails?.targetduration ?? 2);
    },
    destroy() {
      abort.abort();
      clearTimeout(patience);
      hls.destroy();
      freshet.destroy();
    },
  };
}

function startNative({ video, url, stream, token, onTokenExpired, onTrouble }: PlaybackOptions): Playback {
  const abort = new AbortController();
  const { signal } = abort;
  let attempts = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const failed = async (): Promise<void> => {
    const trouble = await explain(address, stream, signal);
    if (signal.aborted) return;
    if (trouble.retried)
      timer = setTimeout(() => void load(), backoffMs(attempts++, NATIVE_FIRST_MS, NATIVE_LAST_MS, 0, 0));
    onTrouble(trouble);
  };
  let address = withToken(url, token);
  const load = async (): Promise<void> => {
    if (attempts > 0) address = withToken(url, onTokenExpired ?? token);
    const src = await address.catch(() => url);
    if (signal.aborted) return;
    video.src = src;
    // After a failure the browser forgets that it was playing. If it refuses to play, the player shows its button.
    if (attempts > 0) video.play().catch(() => undefined);
  };
  video.addEventListener('playing', () => (attempts = 0), { signal });
  video.addEventListener('error', () => void failed(), { signal });
  video.addEventListener(
    'ended',
    () => {
      onTrouble(ENDED);
    },
    { signal },
  );
  void load();
  const edge = (): number | undefined =>
    video.seekable.length > 0 ? video.seekable.end(video.seekable.length - 1) : undefined;
  return {
    hls: undefined,
    freshet: undefined,
    get livePosition() {
      return edge();
    },
    get liveEdgeStart() {
      return (edge() ?? Number.NaN) - 12;
    },
    destroy() {
      abort.abort();
      clearTimeout(timer);
      video.removeAttribute('src');
      video.load();
    },
  };
}
