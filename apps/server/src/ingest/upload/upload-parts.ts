import type { Millis } from '@freshet/protocol';
import { type Clock, type FragmentTiming, readClock, readTiming } from '../../mp4/fragment-timing.ts';
import { fileNames, type FileNames } from './file-names.ts';
import type { Arrival, PlacedFragment } from './growing-upload.ts';

/** The files that an encoder uploaded, by name. */
export interface UploadedFiles {
  data(name: string): Buffer | undefined;
  arrival(name: string): Arrival | undefined;
}

/** How an encoder cuts the segments of one playlist, learned from the last complete one. */
interface Rhythm {
  readonly init: Buffer;
  readonly clock: Clock;
  /** Movie fragments in each part. */
  readonly perPart: number;
  /** Duration of the longest part so far. */
  targetMs: Millis;
}

/** The usual duration of a part. A longer fragment becomes a part by itself. */
const PART_MS: Millis = 500;
/** Longer parts are not low latency. */
const MAX_PART_MS: Millis = 2000;
/** Complete segments whose parts are listed: a follower that began a segment by its parts must be able to finish it. */
const PARTED_SEGMENTS = 2;
/**
 * Tags of playlists without parts from here: the encoder makes parts itself, the segments are not files, or none will
 * follow.
 */
const UNFIT = /^#EXT-X-(?:PART|PART-INF|BYTERANGE|SKIP|STREAM-INF|ENDLIST|PLAYLIST-TYPE)(?::|$)/;

/**
 * Lists parts of a segment while an encoder uploads it as it is made (chunked CMAF): its movie fragments, a few at a
 * time, as byte ranges of the file in progress.
 */
export class UploadParts {
  readonly #files: UploadedFiles;
  readonly #rhythms = new Map<string, Rhythm>();
  readonly #timings = new WeakMap<PlacedFragment, FragmentTiming>();

  constructor(files: UploadedFiles) {
    this.#files = files;
  }

  /** Whether the last arrival of the segment in progress changes the playlist. */
  isDue(playlist: string, { state, fragments }: Arrival): boolean {
    const { perPart } = this.#rhythms.get(playlist) ?? {};
    return perPart !== undefined && (state !== 'growing' || fragments.length % perPart === 0);
  }

  /** The playlist's text with the parts that have arrived; unchanged until the encoder's rhythm is known. */
  list(playlist: string, text: string): string {
    const lines = text.split(/\r\n|\r|\n/).filter((line) => line !== '');
    if (lines.some((line) => UNFIT.test(line))) return text;
    const names = fileNames(lines, playlist);
    try {
      const rhythm = this.#rhythmOf(playlist, names);
      return rhythm === undefined ? text : `${this.#write(lines, names, rhythm).join('\n')}\n`;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // The file contradicts its boxes, so it is served whole.
      this.#rhythms.delete(playlist);
      return text;
    }
  }

  #write(lines: readonly string[], { segments, next }: FileNames, rhythm: Rhythm): string[] {
    const written = [...lines];
    const end = next === undefined ? [] : this.#partLines(next.uri, next.name, rhythm);
    for (const { line, uri, name } of segments.slice(-PARTED_SEGMENTS).reverse())
      written.splice(line, 0, ...this.#partLines(uri, name, rhythm));
    const target = `#EXT-X-PART-INF:PART-TARGET=${rhythm.targetMs / 1000}`;
    return [...written.slice(0, 1), target, ...written.slice(1), ...end];
  }

  #partLines(uri: string, name: string, rhythm: Rhythm): string[] {
    const arrival = this.#files.arrival(name);
    if (arrival === undefined) return [];
    const { perPart } = rhythm;
    const { fragments, state } = arrival;
    const made = state === 'complete' ? fragments.length : fragments.length - (fragments.length % perPart);
    const lines: string[] = [];
    for (let from = 0; from < made; from += perPart) {
      const own = fragments.slice(from, Math.min(from + perPart, made));
      const { durationMs, independent } = this.#sum(own, rhythm.clock);
      rhythm.targetMs = Math.max(rhythm.targetMs, wholeTens(durationMs));
      const [start = 0, end = 0] = [own[0]?.start, own.at(-1)?.end];
      const range = `BYTERANGE="${end - start}@${start}"`;
      lines.push(
        `#EXT-X-PART:DURATION=${(durationMs / 1000).toFixed(5)},URI="${uri}",${range}${independent ? ',INDEPENDENT=YES' : ''}`,
      );
    }
    // The listed parts may never become a segment: GAP makes the follower take the segment whole.
    if (state === 'broken-off' && fragments.length > 0)
      lines.push(`#EXT-X-PART:DURATION=${rhythm.targetMs / 1000},URI="${uri}",GAP=YES`);
    return lines;
  }

  #rhythmOf(playlist: string, { init: name, segments }: FileNames): Rhythm | undefined {
    const init = name === undefined ? undefined : this.#files.data(name);
    if (init === undefined) return undefined;
    const known = this.#rhythms.get(playlist);
    if (known?.init.equals(init) === true) return known;
    this.#rhythms.delete(playlist);
    const arrival = this.#files.arrival(segments.at(-1)?.name ?? '');
    const found = arrival?.state === 'complete' ? this.#learn(init, arrival.fragments) : undefined;
    if (found !== undefined) this.#rhythms.set(playlist, found);
    return found;
  }

  /** @returns undefined when the segment was uploaded in one go, after it was made */
  #learn(init: Buffer, fragments: readonly PlacedFragment[]): Rhythm | undefined {
    const clock = readClock(init);
    const durations = fragments.map((fragment) => this.#timing(fragment, clock).durationMs);
    const longest = Math.max(...durations);
    const [first, last] = [fragments[0], fragments.at(-1)];
    const behindFirstMs = durations.slice(1).reduce((sum, ms) => sum + ms, 0);
    if (first === undefined || last === undefined || last.at - first.at < behindFirstMs / 2) return undefined;
    if (fragments.length < 2 || !(longest > 0 && longest <= MAX_PART_MS)) return undefined;
    const perPart = Math.max(1, Math.floor(PART_MS / longest));
    return { init, clock, perPart, targetMs: wholeTens(perPart * longest) };
  }

  #sum(fragments: readonly PlacedFragment[], clock: Clock): FragmentTiming {
    const timings = fragments.map((fragment) => this.#timing(fragment, clock));
    return {
      durationMs: timings.reduce((sum, { durationMs }) => sum + durationMs, 0),
      independent: timings[0]?.independent === true,
    };
  }

  #timing(fragment: PlacedFragment, clock: Clock): FragmentTiming {
    const known = this.#timings.get(fragment) ?? readTiming(fragment.moof, clock);
    this.#timings.set(fragment, known);
    return known;
  }
}

/** Rounds up to 10 ms, so that the target rarely grows. */
function wholeTens(ms: Millis): Millis {
  return Math.ceil(ms / 10 - 1e-6) * 10;
}
