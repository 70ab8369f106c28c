import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StoredSegment } from '../buffer/stored-segment.ts';
import { relayRouter } from '../relay/relay-router.ts';
import { roomyBudgets } from '../testing/roomy-budgets.ts';
import { LiveStream } from '../stream/live-stream.ts';
import { StreamDirectory } from '../stream/stream-directory.ts';
import { loadClip } from './clip.ts';
import { DEMO_WINDOW, DemoFeed } from './demo-feed.ts';

const clip = await loadClip();
const SECOND = 1000;
/** A time inside a segment; the clip starts over at multiples of 16 s. */
const START = Date.UTC(2026, 10, 5, 12, 0, 0, 700);

function openDemo({ at = START, bufferSeconds = 600 } = {}) {
  const clock = { now: at };
  const stream = new LiveStream({ name: 'demo', epoch: 7, bufferSeconds });
  const published: StoredSegment[] = [];
  stream.on('segment', (segment) => published.push(segment));
  const feed = new DemoFeed({ stream, clip, now: () => clock.now });
  const [rendition] = stream.buffer.renditions;
  if (rendition === undefined) throw new Error('no rendition');
  const advance = (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.now += SECOND;
      feed.publishDue();
    }
  };
  return { clock, stream, feed, rendition, published, advance };
}

/** Runs a tool with the given standard input. @returns what it wrote */
async function run(command: string, args: readonly string[], input?: Buffer) {
  const child = spawn(command, args, { stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const out: Buffer[] = [];
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  // The tool may stop reading early; its own output then gives the reason.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, errors, out: Buffer.concat(out) };
}

/** The steps between decode times, per stream, in the stream's ticks. */
function steps(csv: string): Map<string, Set<number>> {
  const last = new Map<string, number>();
  const found = new Map<string, Set<number>>();
  for (const line of csv.trim().split('\n')) {
    const [index = '', dts = ''] = line.split(',');
    const before = last.get(index);
    if (before !== undefined) found.set(index, (found.get(index) ?? new Set()).add(Number(dts) - before));
    last.set(index, Number(dts));
  }
  return found;
}

describe('the published stream', () => {
  it('is a full window at the start, and then one segment every two seconds', () => {
    const { rendition, published, advance } = openDemo();
    expect(rendition.listed).toHaveLength(DEMO_WINDOW);
    advance(1);
    expect(published).toHaveLength(DEMO_WINDOW);
    advance(60);
    expect(published).toHaveLength(DEMO_WINDOW + 30);
    expect(rendition.listed).toHaveLength(DEMO_WINDOW);
    const numbers = published.map(({ id }) => id.msn);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? NaN) + index));
  });

  it('has the time of each segment’s first frame; the newest segment has just ended', () => {
    const { clock, rendition } = openDemo();
    const date = /^#EXT-X-PROGRAM-DATE-TIME:(.+)$/.exec(rendition.listed.at(-1)?.lines[0] ?? '')?.[1] ?? '';
    const age = clock.now - Date.parse(date);
    expect(age).toBeGreaterThanOrEqual(2 * SECOND);
    expect(age).toBeLessThan(4 * SECOND);
  });

  it('continues its numbers after a restart', () => {
    const before = openDemo();
    before.advance(20);
    const after = openDemo({ at: before.clock.now });
    expect(after.rendition.nextMsn).toBe(before.rendition.nextMsn);
    const [old, renewed] = [before.published.at(-1), after.published.at(-1)];
    expect(renewed?.etag).toBe(old?.etag);
  });

  it('pauses while the process is suspended, without a hole and without a burst', () => {
    const { clock, rendition, feed, published, advance } = openDemo();
    const next = rendition.nextMsn;
    clock.now += 3600 * SECOND;
    feed.publishDue();
    expect(published).toHaveLength(DEMO_WINDOW);
    advance(2);
    expect(published).toHaveLength(DEMO_WINDOW + 1);
    expect(published.at(-1)?.id.msn).toBe(next);
    const dates = rendition.listed.map(({ lines }) => Date.parse(lines[0]?.slice(25) ?? ''));
    expect((dates.at(-1) ?? 0) - (dates.at(-2) ?? 0)).toBe(3602 * SECOND);
  });

  it('runs on a machine whose clock is in 1970', () => {
    const { rendition, published } = openDemo({ at: 5 * SECOND });
    expect(published.map(({ id }) => id.msn)).toEqual([0, 1]);
    expect(rendition.listed).toHaveLength(2);
  });

  it('is published in real time from run until stop', async () => {
    const { stream, feed, clock } = openDemo();
    feed.run();
    onTestFinished(() => feed.stop());
    // 10 ms before the next segment is due.
    clock.now = Math.ceil(clock.now / 2000) * 2000 - 10;
    await feed.stop();
    feed.run();
    setTimeout(() => (clock.now += 10), 5);
    const [segment] = (await once(stream, 'segment')) as [StoredSegment];
    expect(segment.id.msn).toBeGreaterThan(0);
  });
});

describe('the stream as read by ffmpeg', () => {
  it('has no gap, no overlap and no seam across two joints of the loop', { timeout: 30_000 }, async () => {
    const { published, advance } = openDemo();
    advance(48);
    const bytes = Buffer.concat([clip.init, ...published.map(({ data }) => data)]);

    const decoded = await run('ffmpeg', ['-v', 'warning', '-i', '-', '-f', 'null', '-'], bytes);
    expect(decoded).toMatchObject({ code: 0, errors: '' });

    const args = ['-v', 'warning', '-show_entries', 'packet=stream_index,dts', '-of', 'csv=p=0', '-i', '-'];
    const packets = await run('ffprobe', args, bytes);
    expect(packets.errors).toBe('');
    expect(steps(packets.out.toString())).toEqual(
      new Map([
        ['0', new Set([512])],
        ['1', new Set([1024])],
      ]),
    );
  });

  it('sounds the same in every loop, so that the joint is inaudible', { timeout: 30_000 }, async () => {
    const { published, advance } = openDemo();
    advance(60);
    const first = published.findIndex(({ id }) => id.msn % clip.segments.length === 0);
    const loops = published.slice(first, first + 3 * clip.segments.length);
    const bytes = Buffer.concat([clip.init, ...loops.map(({ data }) => data)]);
    const args = ['-v', 'error', '-i', '-', '-vn', '-ac', '1', '-f', 's16le', '-c:a', 'pcm_s16le', '-'];
    const sound = await run('ffmpeg', args, bytes);
    const perLoop = 750 * 1024;
    const sample = (index: number) => sound.out.readInt16LE(index * 2);
    expect(sound.out.length).toBe(3 * perLoop * 2);
    let difference = 0;
    for (let i = perLoop; i < 2 * perLoop; i++)
      difference = Math.max(difference, Math.abs(sample(i) - sample(i + perLoop)));
    // AAC decoders fill quiet bands with their own noise, which differs each time.
    expect(difference).toBeLessThan(16);

    const steepest = (from: number, to: number) => {
      let step = 0;
      for (let i = from; i < to; i++) step = Math.max(step, Math.abs(sample(i) - sample(i - 1)));
      return step;
    };
    expect(steepest(perLoop - 50, perLoop + 50)).toBeLessThan(steepest(perLoop / 2, perLoop - 50) * 1.2);
  });

  it('plays as HLS across a joint without a warning', { timeout: 30_000 }, async () => {
    // The window of 20 s always holds a joint of the 16 s loop.
    const { stream, rendition } = openDemo();
    rendition.setEnded(true);
    const directory = new StreamDirectory();
    directory.add(stream);
    const app = express().use(
      relayRouter({ directory, originBytes: { add: () => undefined }, budgets: roomyBudgets() }),
    );
    const server = app.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/live/demo/index.m3u8`;
    const args = ['-v', 'warning', '-nostats', '-progress', '-', '-i', url, '-f', 'null', '-'];
    const { code, errors, out } = await run('ffmpeg', args);
    expect(errors).toBe('');
    expect(code).toBe(0);
    expect(out.toString()).toMatch(/\nframe=500\n(?!.*\nframe=)/s);
  });
});
