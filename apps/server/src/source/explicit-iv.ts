import { readAttributes } from './attribute-list.ts';

/**
 * A key without an IV takes the segment's media sequence number for it (RFC 8216, 5.2): when our number differs from
 * the source's, the source's must be written out.
 */
export function withExplicitIv(keys: readonly string[], sourceMsn: number): readonly string[] {
  return keys.map((line) => {
    const attributes = readAttributes(line);
    const format = attributes.get('KEYFORMAT') ?? 'identity';
    if (attributes.has('IV') || format !== 'identity') return line;
    return `${line},IV=0x${sourceMsn.toString(16).padStart(32, '0')}`;
  });
}
