import type { Millis } from '@freshet/protocol';
import { type Box, findBox, findBoxes } from './box.ts';
import { trackTimescales } from './track-timescales.ts';

/** The track that determines durations: the video, if there is any. */
export interface Clock {
  readonly trackId: number;
  readonly ticksPerSecond: number;
  /** Default from `trex`, for samples without their own value. */
  readonly duration: number;
  readonly flags: number;
}

/** Properties of a movie fragment that players need. */
export interface FragmentTiming {
  readonly durationMs: Millis;
  /** It begins with a keyframe. */
  readonly independent: boolean;
}

const NOT_SYNC = 0x10000;

/** @throws RangeError on anything but an init segment */
export function readClock(init: Buffer): Clock {
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

/** Source: ISO/IEC 14496-12, 8.8.7 and 8.8.8. A fragment without samples of the clock's track has duration 0. */
export function readTiming(moof: Buffer, clock: Clock): FragmentTiming {
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

/** @throws RangeError when the run claims more samples than it holds */
function readRun(data: Buffer, trun: Box, defaults: Defaults): { ticks: number; firstFlags: number } {
  const present = data.readUInt32BE(trun.body) & 0xffffff;
  const samples = data.readUInt32BE(trun.body + 4);
  let at = trun.body + 8 + (present & 0x1 ? 4 : 0);
  let firstFlags = defaults.flags;
  if (present & 0x4) {
    firstFlags = data.readUInt32BE(at);
    at += 4;
  }
  const width = (bit: number) => (present & bit ? 4 : 0);
  const [duration, size, flags, offset] = [width(0x100), width(0x200), width(0x400), width(0x800)];
  const row = duration + size + flags + offset;
  if (at + samples * row > trun.end) throw new RangeError(`a run of ${samples} samples`);
  if (flags > 0 && samples > 0 && !(present & 0x4)) firstFlags = data.readUInt32BE(at + duration + size);
  if (duration === 0) return { ticks: samples * defaults.duration, firstFlags };
  let ticks = 0;
  for (let sample = 0; sample < samples; sample++) ticks += data.readUInt32BE(at + sample * row);
  return { ticks, firstFlags };
}
