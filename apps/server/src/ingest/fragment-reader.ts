import { LIMITS, type Millis } from '@freshet/protocol';
import { type Box, findBox, findBoxes } from '../demo/box.ts';
import { trackTimescales } from '../demo/retime.ts';

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

/** The track by which time is told: the picture where there is one. */
interface Clock {
  readonly trackId: number;
  readonly ticksPerSecond: number;
  /** Of `trex`: of samples that say nothing else. */
  readonly duration: number;
  readonly flags: number;
}

const HEADER = 8;
const NOT_SYNC = 0x10000;

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

function readClock(init: Buffer): Clock {
  const timescales = trackTimescales(init);
  const [first] = timescales.keys();
  const picture = [...findBoxes(init, 'moov/trak')].find((trak) => {
    const handler = findBox(init, 'mdia/hdlr', trak);
    return handler !== undefined && init.toString('latin1', handler.body + 8, handler.body + 12) === 'vide';
  });
  const header = picture && findBox(init, 'tkhd', picture);
  const trackId = header ? init.readUInt32BE(header.body + (init[header.body] === 1 ? 20 : 12)) : first;
  if (trackId === undefined) throw new RangeError('an init segment without a track');
  const trex = [...findBoxes(init, 'moov/mvex/trex')].find(
    (box) => init.readUInt32BE(box.body + 4) === trackId,
  );
  return {
    trackId,
    ticksPerSecond: timescales.get(trackId) ?? 1000,
    duration: trex ? init.readUInt32BE(trex.body + 12) : 0,
    flags: trex ? init.readUInt32BE(trex.body + 20) : 0,
  };
}

/** ISO/IEC 14496-12, 8.8.7 and 8.8.8. Without samples of the clock's track: nothing of it passes. */
function readTiming(moof: Buffer, clock: Clock): { durationMs: Millis; independent: boolean } {
  let [ticks, independent] = [0, undefined as boolean | undefined];
  for (const traf of findBoxes(moof, 'moof/traf')) {
    const tfhd = findBox(moof, 'tfhd', traf);
    if (tfhd === undefined || moof.readUInt32BE(tfhd.body + 4) !== clock.trackId) continue;
    const defaults = readDefaults(moof, tfhd, clock);
    for (const trun of findBoxes(moof, 'trun', traf)) {
      const run = readRun(moof, trun, defaults);
      ticks += run.ticks;
      independent ??= (run.firstFlags & NOT_SYNC) === 0;
    }
  }
  return { durationMs: (ticks * 1000) / clock.ticksPerSecond, independent: independent ?? false };
}

interface Defaults {
  readonly duration: number;
  readonly flags: number;
}

function readDefaults(data: Buffer, tfhd: Box, clock: Clock): Defaults {
  const present = data.readUInt32BE(tfhd.body) & 0xffffff;
  let at = tfhd.body + 8 + (present & 0x1 ? 8 : 0) + (present & 0x2 ? 4 : 0);
  const next = (bit: number, otherwise: number) => {
    if ((present & bit) === 0) return otherwise;
    at += 4;
    return data.readUInt32BE(at - 4);
  };
  const duration = next(0x8, clock.duration);
  next(0x10, 0);
  return { duration, flags: next(0x20, clock.flags) };
}

function readRun(data: Buffer, trun: Box, defaults: Defaults): { ticks: number; firstFlags: number } {
  const present = data.readUInt32BE(trun.body) & 0xffffff;
  const samples = data.readUInt32BE(trun.body + 4);
  let at = trun.body + 8 + (present & 0x1 ? 4 : 0);
  let firstFlags = defaults.flags;
  if (present & 0x4) {
    firstFlags = data.readUInt32BE(at);
    at += 4;
  }
  const [hasDuration, hasSize, hasFlags, hasOffset] = [0x100, 0x200, 0x400, 0x800].map(
    (bit) => (present & bit) !== 0,
  );
  let ticks = 0;
  for (let sample = 0; sample < samples; sample++) {
    ticks += hasDuration ? data.readUInt32BE(at) : defaults.duration;
    at += hasDuration ? 4 : 0;
    at += hasSize ? 4 : 0;
    if (hasFlags && sample === 0 && !(present & 0x4)) firstFlags = data.readUInt32BE(at);
    at += (hasFlags ? 4 : 0) + (hasOffset ? 4 : 0);
  }
  return { ticks, firstFlags };
}
