/**
 * One ISO base media box inside a buffer: `[start, end)` is the whole box, `[body, end)` is the content after its
 * header.
 */
export interface Box {
  readonly type: string;
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

export interface BoxHeader {
  readonly type: string;
  /** Of the whole box; 0: up to the end of the file. */
  readonly size: number;
  /** Of the header itself: 8 or 16. */
  readonly length: number;
}

/** The longest header. */
export const HEADER_BYTES = 16;

/**
 * The header at `at`; undefined when it does not fit into `[at, end)`.
 * Source: ISO/IEC 14496-12, 4.2 (size 1: 64 bits follow; size 0: up to the end).
 */
export function headerAt(data: Buffer, at: number, end = data.length): BoxHeader | undefined {
  if (end - at < 8) return undefined;
  const short = data.readUInt32BE(at);
  const type = data.toString('latin1', at + 4, at + 8);
  if (short !== 1) return { type, size: short, length: 8 };
  if (end - at < HEADER_BYTES) return undefined;
  return { type, size: Number(data.readBigUInt64BE(at + 8)), length: HEADER_BYTES };
}

/**
 * The boxes directly in `[start, end)`, in order.
 * @throws RangeError when a box does not fit
 */
export function* boxes(data: Buffer, start = 0, end = data.length): IterableIterator<Box> {
  for (let at = start; at < end;) {
    const header = headerAt(data, at, end);
    if (header === undefined) throw new RangeError(`the header of the box at ${at} is cut`);
    const { type, length } = header;
    const size = header.size === 0 ? end - at : header.size;
    if (size < length || at + size > end) throw new RangeError(`box ${type} at ${at} has ${size} bytes`);
    yield { type, start: at, body: at + length, end: at + size };
    at += size;
  }
}

/** The first box at the end of a path of types, `moov/trak/mdia` for example. */
export function findBox(data: Buffer, path: string, within?: Box): Box | undefined {
  return findBoxes(data, path, within).next().value;
}

/** Every box at the end of a path of types. */
export function* findBoxes(data: Buffer, path: string, within?: Box): Generator<Box, undefined> {
  const [type, ...rest] = path.split('/');
  for (const box of boxes(data, within?.body ?? 0, within?.end ?? data.length)) {
    if (box.type !== type) continue;
    if (rest.length === 0) yield box;
    else yield* findBoxes(data, rest.join('/'), box);
  }
  return undefined;
}
