import { type Box, boxes, findBox, findBoxes } from '../mp4/box.ts';

export interface Retiming {
  /** Seconds by which all tracks move. A whole number keeps tracks of any timescale in step. */
  readonly seconds: number;
  /** Number of the first fragment; the segment's further fragments count up from it. */
  readonly sequenceNumber: number;
  readonly timescales: ReadonlyMap<number, number>;
}

/**
 * Copies a media segment and moves it in time: `tfdt` and `sidx` get the later decode time in 64 bits, `mfhd` its
 * number. A `tfdt` or `sidx` of version 0 grows by the missing bytes, and so does every size and data offset that spans
 * it.
 * @throws RangeError when the segment has a track that the init segment does not have.
 */
export function retime(segment: Buffer, retiming: Retiming): Buffer {
  let sequenceNumber = retiming.sequenceNumber;
  const out: Buffer[] = [];
  for (const box of boxes(segment)) {
    if (box.type === 'sidx') out.push(retimeSidx(segment, box, retiming));
    else if (box.type === 'moof') out.push(retimeMoof(segment, box, retiming, sequenceNumber++));
    else out.push(segment.subarray(box.start, box.end));
  }
  return Buffer.concat(out);
}

function retimeMoof(segment: Buffer, moof: Box, retiming: Retiming, sequenceNumber: number): Buffer {
  const trafs = [...findBoxes(segment, 'traf', moof)];
  const grownBytes = trafs.reduce((sum, traf) => sum + tfdtGrowth(segment, traf), 0);
  const parts: Buffer[] = [];
  for (const box of boxes(segment, moof.body, moof.end)) {
    const copy = Buffer.from(segment.subarray(box.start, box.end));
    // It has 32 bits and players do not read it, so it may wrap.
    if (box.type === 'mfhd') copy.writeUInt32BE(sequenceNumber >>> 0, box.body - box.start + 4);
    parts.push(box.type === 'traf' ? retimeTraf(copy, retiming, grownBytes) : copy);
  }
  return boxOf('moof', parts);
}

function tfdtGrowth(data: Buffer, traf: Box): number {
  const tfdt = findBox(data, 'tfdt', traf);
  return tfdt !== undefined && data[tfdt.body] === 0 ? 4 : 0;
}

/** @param grownBytes growth of the whole moof, because `trun` offsets count from its start. */
function retimeTraf(traf: Buffer, retiming: Retiming, grownBytes: number): Buffer {
  const [box] = boxes(traf);
  const tfhd = box && findBox(traf, 'tfhd', box);
  if (box === undefined || tfhd === undefined) throw new RangeError('a traf without tfhd');
  const ticks = ticksOf(retiming, traf.readUInt32BE(tfhd.body + 4));
  const parts: Buffer[] = [];
  for (const child of boxes(traf, box.body, box.end)) {
    if (child.type === 'tfdt') {
      const body = Buffer.alloc(12);
      body.writeUInt8(1, 0);
      body.writeBigUInt64BE(readTime(traf, child.body, 4) + ticks, 4);
      parts.push(boxOf('tfdt', [body]));
      continue;
    }
    const dataOffsetPresent = child.type === 'trun' && (traf.readUInt32BE(child.body) & 1) !== 0;
    if (dataOffsetPresent && grownBytes > 0)
      traf.writeInt32BE(traf.readInt32BE(child.body + 8) + grownBytes, child.body + 8);
    parts.push(traf.subarray(child.start, child.end));
  }
  return boxOf('traf', parts);
}

function retimeSidx(segment: Buffer, sidx: Box, retiming: Retiming): Buffer {
  const wide = segment[sidx.body] === 1;
  const timescale = BigInt(segment.readUInt32BE(sidx.body + 8));
  const earliest = readTime(segment, sidx.body, 12) + BigInt(retiming.seconds) * timescale;
  const firstOffset = wide
    ? segment.readBigUInt64BE(sidx.body + 20)
    : BigInt(segment.readUInt32BE(sidx.body + 16));
  const head = Buffer.alloc(28);
  segment.copy(head, 0, sidx.body, sidx.body + 12);
  head.writeUInt8(1, 0);
  head.writeBigUInt64BE(earliest, 12);
  head.writeBigUInt64BE(firstOffset, 20);
  return boxOf('sidx', [head, segment.subarray(sidx.body + (wide ? 28 : 20), sidx.end)]);
}

/** Reads a time field of a full box, whose version (its first byte) decides between 32 and 64 bits. */
function readTime(data: Buffer, body: number, offset: number): bigint {
  return data[body] === 1 ? data.readBigUInt64BE(body + offset) : BigInt(data.readUInt32BE(body + offset));
}

function ticksOf({ seconds, timescales }: Retiming, trackId: number): bigint {
  const timescale = timescales.get(trackId);
  if (timescale === undefined) throw new RangeError(`track ${trackId} is not in the init segment`);
  return BigInt(seconds) * BigInt(timescale);
}

function boxOf(type: string, parts: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(parts.reduce((sum, part) => sum + part.length, 8));
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, ...parts]);
}
