import { readAttributes } from './attribute-list.ts';
import type { SourceSegment } from './media-list.ts';

/**
 * A key without an IV uses the segment's media sequence number as its IV (RFC 8216, 5.2). Writes that IV out
 * 1. where our number differs from the source's,
 * 2. for SAMPLE-AES in MPEG-TS and packed audio, which hls.js 1.7 cannot play without it. In fMP4 the media itself
 *    holds the IV.
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
