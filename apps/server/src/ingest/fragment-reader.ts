import { LIMITS, type Millis } from '@freshet/protocol';
import { type Clock, readClock, readTiming } from './fragment-timing.ts';

/** A movie fragment: what can be decoded behind the init segment and the fragments before it. */
export interface Fragment {
  /** `moof` and `mdat`. */
  readonly data: Buffer;
  readonly durationMs: Millis;
  /** It begins with a keyframe. */
  readonly independent: boolean;
}

export interface FragmentHandler {
  readonly onInit: (init: Buffer) => void;
  readonly onFragment: (fragment: Fragment) => void;
}

const HEADER = 8;

/** Cuts a fragmented MP4 that arrives in stretches into its init segment and its fragments. */
export class FragmentReader {
  readonly #handler: FragmentHandler;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Of the box under way; undefined until its header is there. */
  #wanted: number | undefined;
  #init: Buffer[] = [];
  #clock: Clock | undefined;
  #moof: Buffer | undefined;

  constructor(handler: FragmentHandler) {
    this.#handler = handler;
  }

  /** @throws RangeError on what is no fragmented MP4, and on a box larger than a segment may be */
  push(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    while (this.#pendingBytes >= (this.#wanted ?? HEADER)) {
      const data = Buffer.concat(this.#pending);
      const size = data.readUInt32BE(0);
      if (size < HEADER || size > LIMITS.segmentBytes) throw new RangeError(`a box of ${size} bytes`);
      this.#wanted = size;
      this.#pending = [data];
      if (data.length < size) return;
      this.#take(data.subarray(0, size));
      this.#pending = [data.subarray(size)];
      this.#pendingBytes = data.length - size;
      this.#wanted = undefined;
    }
  }

  #take(data: Buffer): void {
    const type = data.toString('latin1', 4, 8);
    if (type === 'ftyp') this.#init = [data];
    if (type === 'moov') {
      const init = Buffer.concat([...this.#init, data]);
      this.#clock = readClock(init);
      this.#handler.onInit(init);
    }
    if (type === 'moof') this.#moof = data;
    if (type !== 'mdat' || this.#moof === undefined) return;
    if (this.#clock === undefined) throw new RangeError('a fragment before the init segment');
    const { durationMs, independent } = readTiming(this.#moof, this.#clock);
    this.#handler.onFragment({ data: Buffer.concat([this.#moof, data]), durationMs, independent });
    this.#moof = undefined;
  }
}
