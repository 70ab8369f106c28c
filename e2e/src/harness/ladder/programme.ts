import { LANGUAGES, type Ladder, LEVELS, makeLadder, type Packing } from './ladder-clip.ts';
import type { Programme } from './ladder-origin.ts';
import type { Track } from './media-track.ts';
import { makeSubtitles } from './subtitles.ts';

/** Three levels, two audio languages, two subtitle languages. */
export async function makeProgramme(seconds: number, packing: Packing): Promise<Programme> {
  const ladder = await makeLadder(seconds, packing);
  const clock = packing === 'ts' ? 'ts' : 'fmp4';
  const subtitles = LANGUAGES.map(
    (language) => [`sub-${language}`, makeSubtitles(language, seconds, clock)] as const,
  );
  return { multivariant: multivariant(ladder), tracks: new Map([...ladder, ...subtitles]) };
}

/** One variant and nothing else. */
export function oneTrack(name: string, track: Track, attributes: string): Programme {
  return {
    multivariant: `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-STREAM-INF:${attributes}\n${name}.m3u8\n`,
    tracks: new Map([[name, track]]),
  };
}

/** One variant with its sound as a separate rendition. @param attributes of the variant, without its sound's codec */
export function trackWithSound(name: string, track: Track, sound: Track, attributes: string): Programme {
  const group = 'TYPE=AUDIO,GROUP-ID="sound",NAME="en",AUTOSELECT=YES,DEFAULT=YES,URI="sound.m3u8"';
  const variant = `${attributes.replace(/CODECS="([^"]*)"/, 'CODECS="$1,mp4a.40.2"')},AUDIO="sound"`;
  return {
    multivariant: `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-MEDIA:${group}\n#EXT-X-STREAM-INF:${variant}\n${name}.m3u8\n`,
    tracks: new Map([
      [name, track],
      ['sound', sound],
    ]),
  };
}

function multivariant(ladder: Ladder): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS'];
  for (const [i, language] of LANGUAGES.entries()) {
    const common = `NAME="${language}",LANGUAGE="${language}",AUTOSELECT=YES,DEFAULT=${i === 0 ? 'YES' : 'NO'}`;
    lines.push(`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",${common},URI="${language}.m3u8"`);
    lines.push(
      `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",${common.replace('DEFAULT=YES', 'DEFAULT=NO')},URI="sub-${language}.m3u8"`,
    );
  }
  const sound = peakBps(ladder.get('en'));
  for (const { name, size } of LEVELS) {
    const bandwidth = Math.ceil(peakBps(ladder.get(name)) + sound);
    lines.push(
      `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth},RESOLUTION=${size},CODECS="avc1.42c01e,mp4a.40.2",AUDIO="sound",SUBTITLES="text"`,
      `${name}.m3u8`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** The highest rate of a segment. */
function peakBps(track: Track | undefined): number {
  const rates = (track?.entries ?? []).map(({ uri, seconds, range }) => {
    const bytes = range?.length ?? track?.files.get(uri)?.length ?? 0;
    return (bytes * 8) / seconds;
  });
  return Math.max(0, ...rates);
}
