import { findBox, findBoxes } from './box.ts';

/** Ticks per second of each track of an init segment, by track id. */
export function trackTimescales(init: Buffer): ReadonlyMap<number, number> {
  const timescales = new Map<number, number>();
  for (const trak of findBoxes(init, 'moov/trak')) {
    const tkhd = findBox(init, 'tkhd', trak);
    const mdhd = findBox(init, 'mdia/mdhd', trak);
    if (tkhd === undefined || mdhd === undefined) throw new RangeError('a track without tkhd or mdhd');
    // Version 1 of both boxes has 64-bit dates, version 0 has 32-bit dates.
    const trackId = init.readUInt32BE(tkhd.body + (init[tkhd.body] === 1 ? 20 : 12));
    timescales.set(trackId, init.readUInt32BE(mdhd.body + (init[mdhd.body] === 1 ? 20 : 12)));
  }
  return timescales;
}
