import type { Millis } from '@freshet/protocol';
import { BoxStream } from './box-stream.ts';
import { type Clock, readClock, readTiming } from './fragment-timing.ts';

/** A movie fragment. It can be decoded after the init segment and the fragments before it. */
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

/** Splits a fragmented MP4 that arrives in chunks into its init segment and its fragments. */
export class FragmentReader {
  readonly #handler: FragmentHandler;
  readonly #boxes = new BoxStream();
  #init: Buffer[] = [];
  #clock: Clock | undefined;
  #moof: Buffer | undefined;

  constructor(handler: FragmentHandler) {
    this.#handler = handler;
  }

  /** @throws RangeError on anything but fragmented MP4, and on a box larger than a segment may be */
  push(chunk: Buffer): void {
    this.#boxes.push(chunk);
    for (const { type, start, end } of this.#boxes.complete()) {
      this.#take(type, this.#boxes.bytes(start, end));
      this.#boxes.release(end);
    }
  }

  #take(type: string, data: Buffer): void {
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
