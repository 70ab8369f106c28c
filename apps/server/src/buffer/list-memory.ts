import type { EntryInput, PlaylistEntry } from './playlist-entry.ts';

/** What an entry takes beside its text and its media: its objects and their fields. */
const ENTRY_BYTES = 1024;
/** What a line takes beside its characters. */
const LINE_BYTES = 32;

/** Memory of an entry without its media. @param last the entry before it, which may share its keys */
export function entryBytes(entry: PlaylistEntry, last: PlaylistEntry | undefined): number {
  const { lines, keys, initKeys, segment } = entry;
  const keyBytes = keys === last?.keys ? 0 : linesBytes(keys);
  const initKeyBytes = initKeys === last?.initKeys ? 0 : linesBytes(initKeys);
  const hashBytes = segment === undefined ? 0 : segment.hashes.length;
  return ENTRY_BYTES + linesBytes(lines) + keyBytes + initKeyBytes + hashBytes;
}

export function linesBytes(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + LINE_BYTES + Buffer.byteLength(line), 0);
}

/**
 * Copies the text of an entry. A line that was cut from a playlist keeps the whole playlist in memory for as long as it
 * lives. Keys that are the same as before are held once.
 */
export function ownText(input: EntryInput, last: PlaylistEntry | undefined): EntryInput {
  const { lines, keys, initKeys } = input;
  return {
    ...input,
    ...(lines !== undefined && { lines: ownLines(lines) }),
    ...(keys !== undefined && { keys: shared(keys, last?.keys) }),
    ...(initKeys !== undefined && { initKeys: shared(initKeys, last?.initKeys) }),
  };
}

export function ownLines(lines: readonly string[]): readonly string[] {
  return lines.map((line) => Buffer.from(line).toString());
}

export function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}

function shared(lines: readonly string[], before: readonly string[] | undefined): readonly string[] {
  return before !== undefined && sameLines(lines, before) ? before : ownLines(lines);
}
