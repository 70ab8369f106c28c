import type Hls from 'hls.js';
import type { LoadedSegment, PlayerError, Reading, Stall } from './reading.ts';

/**
 * Runs in the page, before the page's own scripts. It is passed as source text, so it refers to nothing outside itself.
 * @param key property of `globalThis` for the function that returns the reading.
 */
export function installProbe(key: string): void {
  const SAMPLE_MS = 50;
  /** The first events of hls.js follow some milliseconds after it is created. */
  const LOOK_MS = 5;
  const STALL_MS = 250;
  const MAX_ERRORS = 200;
  const MAX_LOADED = 5000;

  let video: HTMLVideoElement | undefined;
  let hls: Hls | undefined;
  /** The page may keep a destroyed one for a while. */
  const destroyed = new WeakSet<Hls>();
  let playingAt: number | undefined;
  let pictureAt: number | undefined;
  let playedSeconds = 0;
  let skippedSeconds = 0;
  let last = { at: 0, media: 0 };
  /** When and where the playhead last moved. */
  let moved = { at: 0, media: 0 };
  /** The least media ahead of the playhead since then. */
  let leastAhead = Infinity;
  const stalls: Stall[] = [];
  let sentBytes = 0;
  const bufferedSegments: string[] = [];
  let loadedBytes = 0;
  const loadedSegments: LoadedSegment[] = [];
  let emergencies = 0;
  const errors: PlayerError[] = [];

  /** Shadow trees included: a player may be a custom element. */
  const findVideo = (root: ParentNode): HTMLVideoElement | undefined => {
    const direct = root.querySelector('video');
    if (direct !== null) return direct;
    for (const element of root.querySelectorAll('*')) {
      const inner = element.shadowRoot === null ? undefined : findVideo(element.shadowRoot);
      if (inner !== undefined) return inner;
    }
    return undefined;
  };

  const findHls = (): Hls | undefined => {
    const player = document.querySelector('freshet-player') as { hls?: Hls } | null;
    const found = player?.hls ?? (globalThis as { hls?: Hls }).hls;
    return found === undefined || destroyed.has(found) ? undefined : found;
  };

  const watchVideo = (found: HTMLVideoElement): void => {
    video = found;
    found.muted = true;
    found.addEventListener('playing', () => {
      if (playingAt !== undefined) return;
      playingAt = performance.now();
      last = moved = { at: playingAt, media: found.currentTime };
    });
    found.requestVideoFrameCallback((now) => {
      pictureAt ??= now;
    });
  };

  const watchHls = (found: Hls): void => {
    hls = found;
    // By the event names, not Hls.Events: the page's copy of that enum may be inaccessible in a bundle.
    const { on } = found as unknown as {
      on: (this: Hls, name: string, listener: (name: string, data: unknown) => void) => void;
    };
    on.call(found, 'hlsFragBuffered', (_name, data) => {
      const { frag } = data as { frag: { sn: number | 'initSegment'; url: string } };
      if (frag.sn !== 'initSegment') bufferedSegments.push(frag.url);
    });
    on.call(found, 'hlsFragLoaded', (_name, data) => {
      const { frag, part } = data as {
        frag: {
          sn: number | 'initSegment';
          url: string;
          type: string;
          level: number;
          stats: { total: number };
        };
        part?: { stats: { total: number } } | null;
      };
      if (frag.sn === 'initSegment') return;
      loadedBytes += (part ?? frag).stats.total;
      if (loadedSegments.length >= MAX_LOADED) return;
      const { type: kind, url, level, sn: msn } = frag;
      loadedSegments.push({ kind, url, level, msn, bytes: frag.stats.total });
    });
    on.call(found, 'hlsDestroying', () => {
      destroyed.add(found);
      // Another hls.js may follow at once.
      if (hls === found) hls = undefined;
      lookOften();
    });
    on.call(found, 'hlsFragLoadEmergencyAborted', () => {
      emergencies++;
    });
    on.call(found, 'hlsError', (_name, data) => {
      const { details, fatal } = data as PlayerError;
      if (errors.length < MAX_ERRORS) errors.push({ details, fatal });
    });
  };

  const findAhead = (): number => {
    if (video === undefined) return 0;
    const { buffered, currentTime } = video;
    for (let i = 0; i < buffered.length; i++)
      if (buffered.start(i) <= currentTime + 0.1 && currentTime < buffered.end(i))
        return buffered.end(i) - currentTime;
    return 0;
  };

  /** Tolerates what a playhead may run beyond the end of the buffer. */
  const hasMedia = (): boolean => {
    if (video === undefined) return false;
    const { buffered, currentTime } = video;
    for (let i = 0; i < buffered.length; i++)
      if (buffered.start(i) <= currentTime + 0.1 && currentTime < buffered.end(i) + 0.3) return true;
    return false;
  };

  const sample = (): void => {
    if (video === undefined || playingAt === undefined) return;
    const now = { at: performance.now(), media: video.currentTime };
    if (video.paused || video.ended) {
      last = moved = now;
      return;
    }
    const elapsed = (now.at - last.at) / 1000;
    // Out of view, Chromium's clock of a video without sound runs on where there is no media: the picture stands.
    const advanced = hasMedia() ? now.media - last.media : 0;
    // Between two samples the playhead advances at most as far as the clock; any excess is a jump.
    if (advanced > elapsed + 0.25) skippedSeconds += advanced - elapsed;
    else if (advanced > 0) playedSeconds += advanced;
    if (advanced !== 0) {
      const stood = now.at - moved.at;
      if (stood > STALL_MS && last.at > moved.at)
        stalls.push({ at: moved.media, ms: stood, aheadSeconds: leastAhead });
      moved = now;
      leastAhead = Infinity;
    } else leastAhead = Math.min(leastAhead, findAhead());
    last = now;
  };

  let often: ReturnType<typeof setInterval> | undefined;
  /** Runs until there is a player. From then on a look with each sample suffices, because each look wakes the page. */
  const lookOften = (): void => {
    often ??= setInterval(() => {
      look();
      if (video === undefined || hls === undefined) return;
      clearInterval(often);
      often = undefined;
    }, LOOK_MS);
  };

  const look = (): void => {
    const nextVideo = video?.isConnected === true ? video : findVideo(document);
    if (nextVideo !== undefined && nextVideo !== video) watchVideo(nextVideo);
    const nextHls = findHls();
    if (nextHls !== undefined && nextHls !== hls) watchHls(nextHls);
  };

  const findPosition = (): Reading['position'] => {
    const details = hls?.latestLevelDetails;
    if (details == null || video === undefined) return undefined;
    const time = video.currentTime;
    const fragment = details.fragments.find(
      ({ start, duration }) => start <= time && time < start + duration,
    );
    return fragment === undefined ? undefined : { msn: fragment.sn, offsetSeconds: time - fragment.start };
  };

  const openStall = (): Stall[] => {
    const stood = performance.now() - moved.at;
    return playingAt !== undefined && video?.paused === false && !video.ended && stood > STALL_MS
      ? [{ at: moved.media, ms: stood, aheadSeconds: leastAhead }]
      : [];
  };

  const read = (): Reading => {
    sample();
    const playlist = performance
      .getEntriesByType('resource')
      .find(({ name }) => /\.m3u8(\?|$)/.test(name))?.startTime;
    return {
      wallMs: Date.now(),
      visible: document.visibilityState === 'visible',
      paused: video?.paused ?? true,
      startupMs: playingAt === undefined || playlist === undefined ? undefined : playingAt - playlist,
      firstPictureMs: pictureAt,
      playedSeconds,
      stalls: [...stalls, ...openStall()],
      skippedSeconds,
      aheadSeconds: findAhead(),
      position: findPosition(),
      bufferedSegments: [...bufferedSegments],
      loadedBytes,
      loadedSegments: [...loadedSegments],
      emergencies,
      ended: video?.ended ?? false,
      sentBytes,
      errors: [...errors],
    };
  };

  const countSent = (): void => {
    const prototype = RTCDataChannel.prototype as { send: (data: ArrayBuffer) => void };
    const { send } = prototype;
    prototype.send = function (this: RTCDataChannel, data: ArrayBuffer): void {
      send.call(this, data);
      sentBytes += data.byteLength;
    };
  };

  if (typeof RTCDataChannel !== 'undefined') countSent();
  lookOften();
  setInterval(() => {
    look();
    sample();
  }, SAMPLE_MS);
  Object.assign(globalThis, { [key]: read });
}
