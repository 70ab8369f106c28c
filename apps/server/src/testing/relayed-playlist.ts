import type { RenditionBuffer } from '../buffer/rendition-buffer.ts';
import { StreamBuffer } from '../buffer/stream-buffer.ts';
import { renderMediaPlaylist } from '../relay/render-media-playlist.ts';
import type { LoadedList } from '../source/plan/list-judge.ts';
import { RenditionPlan } from '../source/plan/rendition-plan.ts';
import { StreamTimeline } from '../source/plan/stream-timeline.ts';
import { type Definitions, playlistLines } from '../source/playlist/playlist-lines.ts';
import { readMediaPlaylist } from '../source/playlist/read-media-playlist.ts';

/** The address of the source's playlist. */
const SOURCE_URL = 'https://host/live/index.m3u8?session=1';

/**
 * Turns a source's media playlists into ours without a network: every segment arrives at once. The bytes of a segment
 * or an init segment are its address.
 */
export class RelayedPlaylist {
  readonly rendition: RenditionBuffer;
  readonly #plan: RenditionPlan;
  readonly #definitions: Definitions;
  #at = 0;

  constructor(definitions: Definitions = new Map()) {
    const buffer = new StreamBuffer({ epoch: 7 });
    this.rendition = buffer.declareRendition('0000000a', { type: 'video' });
    this.#plan = new RenditionPlan(new StreamTimeline(7, () => buffer.openEpoch()), 60_000);
    this.#definitions = definitions;
  }

  /** @param lines of the source's playlist, without EXTM3U. @param afterMs since the previous one */
  take(lines: readonly string[], afterMs = 2000): this {
    return this.takeText(['#EXTM3U', ...lines].join('\n'), afterMs);
  }

  /** @throws SourceFault when the playlist cannot be followed */
  takeText(text: string, afterMs = 2000): this {
    this.#at += afterMs;
    const { lines: read } = playlistLines(text, SOURCE_URL, this.#definitions);
    const list = readMediaPlaylist(read, SOURCE_URL);
    this.#publish({ list, loadedAt: this.#at, modifiedAt: this.#at });
    this.rendition.setHeader(list.header);
    this.rendition.setEnded(list.ended);
    return this;
  }

  lines(): string[] {
    return renderMediaPlaylist(this.rendition).trimEnd().split('\n');
  }

  #publish(loaded: LoadedList): void {
    const judgement = this.#plan.judge(loaded);
    if (judgement === 'stale') return;
    const step = this.#plan.take(loaded, judgement === 'doubtful' ? 'advanced' : judgement);
    for (const { msn, epoch, timeline, source } of step.added) {
      const { durationMs, lines, keys, map, url, range } = source;
      const init =
        map && this.rendition.putInit(Buffer.from(`${map.url} ${map.range?.start ?? ''}`), 'video/mp4');
      const entry = { msn, epoch, timeline, durationMs, lines, keys, init, initKeys: map?.keys ?? [] };
      const data = Buffer.from(`${url} ${range?.start ?? ''}`);
      if (source.gap) this.rendition.appendGap(entry);
      else this.rendition.append({ ...entry, data, contentType: 'video/mp2t', extension: 'ts' });
    }
    for (const { msn, source } of step.listed) this.rendition.refresh(msn, source.lines);
    this.rendition.advertiseFrom((this.rendition.nextMsn ?? 0) - this.#plan.windowLength);
  }
}
