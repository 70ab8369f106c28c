import { readAttributes } from './attribute-list.ts';
import type { SourceSegment } from './media-list.ts';

/**
 * A key without an IV takes the segment's media sequence number for it (RFC 8216, 5.2). That is written out
 * 1. where our number differs from the source's,
 * 2. for SAMPLE-AES in MPEG-TS and packed audio, where hls.js 1.7 plays nothing without it. In fMP4 the IV stands in the
 *    media itself.
 */
export function withExplicitIv(
  { keys, msn, map }: Pick<SourceSegment, 'keys' | 'msn' | 'map'>,
  ourMsn: number,
): readonly string[] {
  return keys.map((line) => {
    const attributes = readAttributes(line);
    const format = attributes.get('KEYFORMAT') ?? 'identity';
    if (attributes.has('IV') || format !== 'identity') return line;
    const needed = msn !== ourMsn || (map === undefined && attributes.get('METHOD') === 'SAMPLE-AES');
    return needed ? `${line},IV=0x${msn.toString(16).padStart(32, '0')}` : line;
  });
}
