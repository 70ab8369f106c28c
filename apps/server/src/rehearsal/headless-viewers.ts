import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Millis } from '@freshet/protocol';
import type { Logger } from 'pino';
import { ChildProgram } from '../util/child-program.ts';
import { DevtoolsPipe } from './devtools-pipe.ts';

/** Viewers arrive one after another: a simultaneous arrival is a different test, and each viewer starts a process. */
const APART_MS: Millis = 500;
/** Lines of Chromium's output that are kept: the last ones say why it exited. */
const LINES = 5;

export interface HeadlessOptions {
  /** Chromium's executable. */
  readonly file: string;
  /** The page of this server that each viewer opens. */
  readonly url: string;
  readonly count: number;
  readonly log: Logger;
}

export interface HeadlessViewers {
  /** Resolves when Chromium has exited, with the reason unless it was stopped. Never rejects. */
  readonly ended: Promise<string | undefined>;
  /** Resolves when Chromium has exited and its profile is deleted. */
  stop(): Promise<void>;
}

/** Opens muted viewers in one Chromium, each with its own profile. They end with this process, however it ends. */
export function openHeadlessViewers(options: HeadlessOptions): HeadlessViewers {
  const stopping = new AbortController();
  const ended = run(options, stopping.signal);
  return {
    ended,
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

async function run(options: HeadlessOptions, signal: AbortSignal): Promise<string | undefined> {
  const { file, url, count, log } = options;
  const profile = await mkdtemp(path.join(tmpdir(), 'freshet-rehearsal-'));
  const lines: string[] = [];
  const chromium = new ChildProgram({
    file,
    args: chromiumArguments(profile, url),
    pipes: true,
    onLine: (line) => {
      lines.push(line);
      if (lines.length > LINES) lines.shift();
    },
  });
  log.debug({ pid: chromium.pid }, 'Chromium started');
  const stop = () => {
    void chromium.stop();
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  let problem: string | undefined;
  try {
    if (chromium.pipes !== undefined) await openPages(new DevtoolsPipe(chromium.pipes), url, count, signal);
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
    stop();
  }
  const how = await chromium.exited;
  signal.removeEventListener('abort', stop);
  await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  if (signal.aborted) return undefined;
  return [problem ?? how, ...lines.filter((line) => line.trim() !== '').slice(-1)].join(': ');
}

async function openPages(
  devtools: DevtoolsPipe,
  url: string,
  count: number,
  signal: AbortSignal,
): Promise<void> {
  for (let i = 0; i < count && !signal.aborted; i++) {
    const { browserContextId } = await devtools.ask('Target.createBrowserContext', {});
    await devtools.ask('Target.createTarget', { url, browserContextId, newWindow: true });
    await sleep(APART_MS, undefined, { signal }).catch(() => undefined);
  }
}

function chromiumArguments(profile: string, url: string): readonly string[] {
  const { protocol, origin } = new URL(url);
  return [
    '--headless',
    '--remote-debugging-pipe',
    `--user-data-dir=${profile}`,
    '--mute-audio',
    '--autoplay-policy=no-user-gesture-required',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-breakpad',
    '--disable-dev-shm-usage',
    '--disable-gpu',
    // All pages are in the foreground at once.
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
    '--disable-background-timer-throttling',
    // Pages hide the machine's addresses behind mDNS names, as those of every viewer do: the audience is in the same swarm.
    '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebRTC',
    // The address may not match this server's certificate. Without TLS, pages could not compute hashes.
    ...(protocol === 'https:'
      ? ['--ignore-certificate-errors']
      : [`--unsafely-treat-insecure-origin-as-secure=${origin}`]),
    'about:blank',
  ];
}
