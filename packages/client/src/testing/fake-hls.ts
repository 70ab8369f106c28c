import { EventEmitter } from 'node:events';
import Hls from 'hls.js';

/** A media element with six seconds of media around its playhead. */
export class Media extends EventTarget {
  currentTime = 10;
  playbackRate = 1;
  paused = true;
  buffered = { length: 1, start: () => 8, end: () => 14 };
  readonly listening = new Map<string, number>();
  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.listening.set(args[0], (this.listening.get(args[0]) ?? 0) + 1);
    super.addEventListener(...args);
  }
  override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
    this.listening.set(args[0], (this.listening.get(args[0]) ?? 0) - 1);
    super.removeEventListener(...args);
  }
  get listeners(): number {
    return [...this.listening.values()].reduce((sum, n) => sum + n, 0);
  }
}

/** An hls.js without a browser: its events, and the few properties that are read. */
export class FakeHls extends EventEmitter {
  static readonly Events = Hls.Events;
  media: Media | null = null;
  bandwidthEstimate = Number.NaN;
  latency = 0;
  autoLevelEnabled = true;
  loadLevel = 0;
  maxAutoLevel = 0;
}
