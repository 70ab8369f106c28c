import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from '@playwright/test';
import { Closers } from '../bench/closers.ts';
import { TOKEN } from '../src/harness/pages/console-page.ts';
import { CountingProxy } from '../src/harness/servers/counting-proxy.ts';
import { FreshetServer } from '../src/harness/servers/freshet-server.ts';
import { LiveOrigin } from '../src/harness/sources/live-origin.ts';
import { chromiumOptions } from '../src/harness/viewers/chromium.ts';
import { segmentClip } from '../lab/source.ts';
import { attack } from './attackers/attackers.ts';
import type { SoakOptions } from './options.ts';
import { Seat, type SoakVisit } from './seat.ts';

const STREAM = 'live';
const SEATS = 6;
/** One viewer stays for the whole run: the growth of its page is measured. The others come and go. */
const WHOLE_RUN_MS = 2 ** 31 - 1;
const STAY_MS = { least: 15_000, most: 90_000 };
/** The media server is away for so long in each minute. Viewers have 6 s of media ahead. */
const OUTAGE_MS = 3000;
const SAMPLE_EVERY_MS = 5000;
/** After the last viewer and attacker have left: connections that were cut are found by their time-outs. */
const SETTLE_MS = 50_000;

/** What the server and the page of the viewer who stays have in use at a moment. */
export interface SoakSample {
  readonly minutes: number;
  readonly serverHeapBytes: number;
  readonly serverResidentBytes: number;
  readonly serverFiles: number;
  readonly serverTimers: number;
  readonly viewers: number;
  readonly page:
    | {
        readonly heapBytes: number;
        readonly peerConnections: number;
        readonly webSockets: number;
        readonly timers: number;
      }
    | undefined;
}

export interface SoakResult {
  /** Before the first viewer. */
  readonly before: SoakSample;
  readonly samples: readonly SoakSample[];
  /** After everybody has left. */
  readonly after: SoakSample;
  readonly visits: readonly SoakVisit[];
  readonly attacks: Readonly<Record<string, number>>;
  readonly outages: number;
}

/**
 * Runs a real server with viewers who come and go, a media server that fails, and attackers of each kind at a low rate.
 * @throws Error if the server ends
 */
export async function runSoak({ minutes }: SoakOptions): Promise<SoakResult> {
  const parts = new Closers();
  try {
    const clip = await segmentClip(minutes * 60 + 180);
    const origin = parts.add(await LiveOrigin.start(clip), (part) => part.close());
    const path = parts.add(await CountingProxy.start(origin.url), (part) => part.close());
    const server = parts.add(
      await FreshetServer.start({
        sources: { [STREAM]: `${path.url}index.m3u8` },
        // Attackers state addresses of their own.
        args: ['--trust-proxy', '1', '--admin-token', TOKEN],
      }),
      (part) => part.kill(),
    );
    await server.live(STREAM);
    const browser = parts.add(await chromium.launch(chromiumOptions()), (part) => part.close());
    const ending = new AbortController();
    const startedAt = performance.now();
    const seats = Array.from({ length: SEATS }, () => new Seat(browser, server.watchUrl(STREAM)));
    const sample = () => sampleOf(server, seats[0], (performance.now() - startedAt) / 60_000);
    const before = await sample();

    const { signal } = ending;
    const running = Promise.all([
      attack({ url: server.otherOrigin, stream: STREAM }, signal),
      failNowAndThen(path, signal),
      ...seats.map((seat, i) => seat.run(i === 0 ? () => WHOLE_RUN_MS : stayMs, signal)),
    ]);
    const samples: SoakSample[] = [];
    const watching = (async () => {
      while (performance.now() - startedAt < minutes * 60_000) {
        await pause(SAMPLE_EVERY_MS);
        samples.push(await sample());
      }
    })();
    try {
      // Whatever fails first ends the run.
      await Promise.race([watching, running]);
    } finally {
      ending.abort();
    }
    const [attacks, outages] = await running;
    await pause(SETTLE_MS);
    const visits = seats.flatMap((seat) => seat.visits);
    return { before, samples, after: await sample(), visits, attacks, outages };
  } finally {
    await parts.close();
  }
}

function stayMs(): number {
  return STAY_MS.least + Math.random() * (STAY_MS.most - STAY_MS.least);
}

/** @returns how often the media server was away */
async function failNowAndThen(path: CountingProxy, signal: AbortSignal): Promise<number> {
  for (let outages = 0; ; outages++) {
    await pause(60_000, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return outages;
    path.block('/');
    await pause(OUTAGE_MS);
    path.unblock();
  }
}

async function sampleOf(server: FreshetServer, seat: Seat | undefined, minutes: number): Promise<SoakSample> {
  const metrics = await server.metrics();
  return {
    minutes,
    serverHeapBytes: metrics.sum('nodejs_heap_size_used_bytes'),
    serverResidentBytes: metrics.sum('process_resident_memory_bytes'),
    serverFiles: metrics.sum('process_open_fds'),
    serverTimers: metrics.sum('nodejs_active_resources', { type: 'Timeout' }),
    viewers: metrics.sum('freshet_viewers', { stream: STREAM }),
    page: await seat?.look(),
  };
}
