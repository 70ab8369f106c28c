import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RenditionBuffer } from '../../buffer/rendition-buffer.ts';
import { StreamBuffer } from '../../buffer/stream-buffer.ts';
import { renderMediaPlaylist } from '../../relay/render-media-playlist.ts';
import { playlistLines } from '../playlist/playlist-lines.ts';
import { readMediaPlaylist } from '../playlist/read-media-playlist.ts';
import type { LoadedList } from './list-judge.ts';
import { RenditionPlan } from './rendition-plan.ts';
import { StreamTimeline } from './stream-timeline.ts';

const URL_ = 'https://host/index.m3u8';

/** An encoder with a window of four 2 s segments, which may restart from 0 and mark discontinuities. */
class Encoder {
  run = 0;
  next = 0;
  #window: { name: string; discontinuity: boolean }[] = [];
  #dropped = 0;
  readonly #countsDropped: boolean;

  constructor(countsDropped = true) {
    this.#countsDropped = countsDropped;
  }

  publish(discontinuity = false): void {
    this.#window.push({ name: `r${this.run}-${this.next++}.ts`, discontinuity });
    if (this.#window.length > 4 && this.#window.shift()?.discontinuity === true) this.#dropped++;
  }

  restart(): void {
    this.run++;
    this.next = 0;
    this.#window = [];
    this.#dropped = 0;
  }

  list(at: number): LoadedList {
    const lines = [
      '#EXTM3U',
      '#EXT-X-TARGETDURATION:2',
      `#EXT-X-MEDIA-SEQUENCE:${this.next - this.#window.length}`,
    ];
    if (this.#countsDropped) lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${this.#dropped}`);
    for (const { name, discontinuity } of this.#window)
      lines.push(...(discontinuity ? ['#EXT-X-DISCONTINUITY'] : []), '#EXTINF:2,', name);
    return { list: readMediaPlaylist(lines, URL_), loadedAt: at, modifiedAt: at };
  }
}

/** Takes lists as the follower does when every fetch succeeds at once. */
class Follower {
  readonly plan: RenditionPlan;
  readonly buffer: RenditionBuffer;
  constructor(timeline: StreamTimeline, buffer: RenditionBuffer) {
    this.plan = new RenditionPlan(timeline, 60_000);
    this.buffer = buffer;
  }

  take(loaded: LoadedList): void {
    const judgement = this.plan.judge(loaded);
    if (judgement === 'stale') return;
    const step = this.plan.take(loaded, judgement === 'doubtful' ? 'advanced' : judgement);
    for (const { msn, epoch, timeline, source } of step.added) {
      for (let gap = this.buffer.nextMsn ?? msn; gap < msn; gap++)
        this.buffer.appendGap({ msn: gap, durationMs: 1 });
      const media = { data: Buffer.from(source.url), contentType: 'video/mp2t', extension: 'ts' };
      this.buffer.append({
        msn,
        epoch,
        timeline,
        durationMs: source.durationMs,
        lines: source.lines,
        ...media,
      });
    }
    this.buffer.advertiseFrom((this.buffer.nextMsn ?? 0) - this.plan.windowLength);
  }

  playlist(): string[] {
    return renderMediaPlaylist(this.buffer).trimEnd().split('\n');
  }
}

function open(renditions = 1) {
  const buffer = new StreamBuffer({ epoch: 100, bufferSeconds: 30 });
  const timeline = new StreamTimeline(100, () => buffer.openEpoch());
  const followers = Array.from(
    { length: renditions },
    (_, index) => new Follower(timeline, buffer.declareRendition(`0000000${index}`, { type: 'video' })),
  );
  return { buffer, followers };
}

describe('RenditionPlan', () => {
  it('keeps the source’s numbers until its encoder restarts, then continues in a new epoch', () => {
    const { followers } = open();
    const [follower] = followers;
    const encoder = new Encoder();
    for (let n = 0; n < 6; n++) encoder.publish();
    follower?.take(encoder.list(0));
    encoder.restart();
    encoder.publish();
    follower?.take(encoder.list(10_000));
    expect(follower?.playlist()).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      '#EXT-X-TARGETDURATION:2',
      '#EXT-X-MEDIA-SEQUENCE:3',
      ...[3, 4, 5].flatMap((msn) => ['#EXTINF:2,', `${msn}.ts?epoch=100`]),
      '#EXT-X-DISCONTINUITY',
      '#EXTINF:2,',
      '6.ts?epoch=101',
    ]);
  });

  it('gives all renditions one offset, whichever detects the restart first and wherever each was', () => {
    const { followers } = open(2);
    const [ahead, behind] = followers;
    const encoder = new Encoder();
    for (let n = 0; n < 5; n++) encoder.publish();
    behind?.take(encoder.list(0));
    encoder.publish();
    ahead?.take(encoder.list(2000));
    encoder.restart();
    encoder.publish();
    behind?.take(encoder.list(12_000));
    encoder.publish();
    ahead?.take(encoder.list(13_000));
    behind?.take(encoder.list(14_000));
    for (const follower of followers) {
      const fresh = follower.buffer.entries.filter(
        ({ epoch, segment }) => epoch === 101 && segment !== undefined,
      );
      expect(fresh.map(({ msn, timeline }) => [msn, timeline])).toEqual([
        [6, 1],
        [7, 1],
      ]);
      expect(fresh.map(({ segment }) => segment?.data.toString())).toEqual([
        'https://host/r1-0.ts',
        'https://host/r1-1.ts',
      ]);
    }
  });

  it('counts timelines correctly when the packager does not count dropped discontinuities', () => {
    const { followers } = open();
    const [follower] = followers;
    const encoder = new Encoder(false);
    for (let n = 0; n < 12; n++) {
      encoder.publish(n === 2 || n === 8);
      follower?.take(encoder.list(n * 2000));
    }
    expect(follower?.buffer.entries.map(({ timeline }) => timeline)).toEqual([
      0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2,
    ]);
  });

  it('writes a key’s IV out where our number differs from the source’s', () => {
    const { followers } = open();
    const plan = followers[0]?.plan;
    const list = (name: string, first: number) => {
      const key = '#EXT-X-KEY:METHOD=AES-128,URI="k"';
      const lines = [`#EXT-X-MEDIA-SEQUENCE:${first}`, '#EXT-X-TARGETDURATION:2', key, '#EXTINF:2,', name];
      return readMediaPlaylist(playlistLines(['#EXTM3U', ...lines].join('\n'), URL_).lines, URL_);
    };
    const before = plan?.take({ list: list('a', 16), loadedAt: 0, modifiedAt: 0 }, 'advanced');
    const after = plan?.take({ list: list('b', 1), loadedAt: 1, modifiedAt: 1 }, 'restarted');
    expect(before?.added[0]?.source.keys).toEqual(['#EXT-X-KEY:METHOD=AES-128,URI="https://host/k"']);
    expect(after?.added[0]?.msn).toBe(17);
    expect(after?.added[0]?.source.keys).toEqual([
      '#EXT-X-KEY:METHOD=AES-128,URI="https://host/k",IV=0x00000000000000000000000000000001',
    ]);
  });

  it('takes no more of the first list than the buffer holds', () => {
    const { buffer } = open();
    const plan = new RenditionPlan(new StreamTimeline(100, () => buffer.openEpoch()), 5000);
    const encoder = new Encoder();
    for (let n = 0; n < 4; n++) encoder.publish();
    expect(plan.take(encoder.list(0), 'advanced').added.map(({ msn }) => msn)).toEqual([2, 3]);
  });

  it('never contradicts what a player saw, across restarts, pauses, discontinuities and evictions', () => {
    const event = fc.constantFrom(
      'publish',
      'publish',
      'publish',
      'discontinuity',
      'restart',
      'load',
      'load',
      'pause',
    );
    const scenario = fc.array(fc.tuple(event, fc.nat(1)), { maxLength: 120 });
    fc.assert(
      fc.property(scenario, fc.boolean(), (events, counts) => {
        const { followers } = open(2);
        const encoder = new Encoder(counts);
        const seen = followers.map(() => new Map<number, string>());
        let first = followers.map(() => 0);
        let at = 0;
        for (const [kind, who] of events) {
          at += kind === 'pause' ? 20_000 : 1000;
          if (kind === 'publish' || kind === 'discontinuity') encoder.publish(kind === 'discontinuity');
          if (kind === 'restart') encoder.restart();
          if (kind === 'load') followers[who]?.take(encoder.list(at));
          first = followers.map((follower, index) => {
            const listed = playerView(follower.playlist());
            // A media sequence number always means the same segment on the same timeline.
            for (const { msn, what } of listed.segments) {
              expect(seen[index]?.get(msn) ?? what).toBe(what);
              seen[index]?.set(msn, what);
            }
            expect(listed.first).toBeGreaterThanOrEqual(first[index] ?? 0);
            return listed.first;
          });
        }
      }),
    );
  });
});

/** A media playlist as a player reads it (RFC 8216, 6.2.2). */
function playerView(lines: readonly string[]) {
  const number = (tag: string) =>
    Number(lines.find((line) => line.startsWith(`${tag}:`))?.split(':')[1] ?? 0);
  const first = number('#EXT-X-MEDIA-SEQUENCE');
  let timeline = number('#EXT-X-DISCONTINUITY-SEQUENCE');
  const segments: { msn: number; what: string }[] = [];
  for (const line of lines) {
    if (line === '#EXT-X-DISCONTINUITY') timeline++;
    if (!line.startsWith('#'))
      segments.push({ msn: first + segments.length, what: `${line} on ${timeline}` });
  }
  return { first, segments };
}
