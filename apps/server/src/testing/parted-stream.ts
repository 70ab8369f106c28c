import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { RenditionBuffer } from '../buffer/rendition-buffer.ts';
import { relayRouter } from '../relay/relay-router.ts';
import { roomyBudgets } from './roomy-budgets.ts';
import { LiveStream } from '../stream/live-stream.ts';
import { StreamDirectory } from '../stream/stream-directory.ts';

const TYPE = { contentType: 'video/mp4', extension: 'm4s' };
const EPOCH = 7;

/** One segment and its parts. */
export interface PartedSegment {
  /** Duration of each part; the first part is independent. */
  readonly partsMs: readonly number[];
  /** Default: the sum of its parts. */
  readonly durationMs?: number;
  /** The segment arrives whole, without parts. */
  readonly whole?: boolean;
  /** A discontinuity and another init segment precede it. */
  readonly newTimeline?: boolean;
  /** EXT-X-KEY lines in force. */
  readonly keys?: readonly string[];
}

/** A stream of two renditions that arrive in parts, and the relay that serves it. */
export class PartedStream {
  readonly #server: Server;
  readonly #stream = new LiveStream({ name: 'show', epoch: EPOCH });
  readonly #stopping = new AbortController();
  readonly #renditions: readonly RenditionBuffer[];
  #timeline = 0;
  #msn = 0;

  static async start(partTargetMs: number, targetSeconds: number): Promise<PartedStream> {
    const stream = new PartedStream(partTargetMs, targetSeconds);
    await once(stream.#server, 'listening');
    return stream;
  }

  private constructor(partTargetMs: number, targetSeconds: number) {
    const directory = new StreamDirectory();
    directory.add(this.#stream);
    this.#renditions = ['0000000a', '0000000b'].map((id) =>
      this.#stream.buffer.declareRendition(id, { type: 'video' }),
    );
    for (const rendition of this.#renditions) {
      rendition.setHeader([`#EXT-X-TARGETDURATION:${targetSeconds}`]);
      rendition.edge.offer(partTargetMs);
    }
    const app = express();
    const { signal } = this.#stopping;
    app.use(
      relayRouter({
        ...{ directory, originBytes: { add: () => undefined } },
        ...{ budgets: roomyBudgets(), stopping: signal },
      }),
    );
    this.#server = createServer(app).listen(0, '127.0.0.1');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Requests a path in the first rendition's folder. */
  get(path: string): Promise<Response> {
    return this.#get(0, path);
  }

  /** Lines of the playlist of the first or the other rendition. */
  async lines(query = '', rendition = 0): Promise<string[]> {
    const response = await this.#get(rendition, `index.m3u8${query}`);
    return (await response.text()).trimEnd().split('\n');
  }

  /** The steps that add one segment: one for each part, then one for the segment. */
  steps(segment: PartedSegment): (() => void)[] {
    const msn = this.#msn++;
    if (segment.newTimeline === true) this.#timeline++;
    const timeline = this.#timeline;
    const part = (durationMs: number, index: number) => () => {
      for (const rendition of this.#renditions) {
        if (index === 0) this.#begin(rendition, msn, timeline, segment);
        const data = Buffer.from(`<${msn}.${index}>`);
        rendition.edge.add({ data, durationMs, independent: index === 0 });
      }
    };
    const end = () => {
      for (const rendition of this.#renditions) this.#append(rendition, msn, timeline, segment);
    };
    return [...(segment.whole === true ? [] : segment.partsMs.map(part)), end];
  }

  /** Runs all steps of a segment at once. */
  add(segment: PartedSegment): void {
    for (const step of this.steps(segment)) step();
  }

  end(): void {
    for (const rendition of this.#renditions) rendition.setEnded(true);
  }

  #begin(rendition: RenditionBuffer, msn: number, timeline: number, { keys = [] }: PartedSegment): void {
    const init = rendition.putInit(Buffer.from(`init ${timeline}`), 'video/mp4');
    const lines = [`#EXT-X-PROGRAM-DATE-TIME:${new Date(msn * 1000).toISOString()}`];
    rendition.edge.begin({ msn, epoch: EPOCH, timeline, lines, keys, init, initKeys: [] }, TYPE);
  }

  #append(rendition: RenditionBuffer, msn: number, timeline: number, segment: PartedSegment): void {
    const { partsMs, keys = [] } = segment;
    const durationMs = segment.durationMs ?? partsMs.reduce((sum, ms) => sum + ms, 0);
    rendition.append({
      ...{ msn, timeline, durationMs, keys, ...TYPE },
      data: Buffer.from(partsMs.map((_, index) => `<${msn}.${index}>`).join('')),
      lines: [
        `#EXT-X-PROGRAM-DATE-TIME:${new Date(msn * 1000).toISOString()}`,
        `#EXTINF:${(durationMs / 1000).toFixed(3)},`,
      ],
      init: rendition.putInit(Buffer.from(`init ${timeline}`), 'video/mp4'),
    });
  }

  #get(rendition: number, path: string): Promise<Response> {
    const { port } = this.#server.address() as AddressInfo;
    const { id = '' } = this.#renditions[rendition] ?? {};
    return fetch(`http://127.0.0.1:${port}/live/show/${id}/${path}`);
  }
}
