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

/**
 * The boxes directly in `[start, end)`, in order.
 * Source: ISO/IEC 14496-12, 4.2 (size 1: 64 bits follow; size 0: up to the end).
 * @throws RangeError when a box does not fit
 */
export function* boxes(data: Buffer, start = 0, end = data.length): IterableIterator<Box> {
  for (let at = start; at < end;) {
    if (end - at < 8) throw new RangeError(`${end - at} stray bytes at ${at}`);
    const short = data.readUInt32BE(at);
    const type = data.toString('latin1', at + 4, at + 8);
    const long = short === 1;
    if (long && end - at < 16) throw new RangeError(`box ${type} at ${at} is cut`);
    const size = long ? Number(data.readBigUInt64BE(at + 8)) : short === 0 ? end - at : short;
    const header = long ? 16 : 8;
    if (size < header || at + size > end) throw new RangeError(`box ${type} at ${at} has ${size} bytes`);
    yield { type, start: at, body: at + header, end: at + size };
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
