import type { Page } from '@playwright/test';
import type { Attended } from '../src/harness/audience/attend.ts';
import type { LiveOrigin } from '../src/harness/sources/live-origin.ts';
import { read, starvations, totalMs } from '../src/harness/probe/probe.ts';
import type { Reading } from '../src/harness/probe/reading.ts';
import { statistics } from '../src/harness/viewers/statistics.ts';
import { readTimeCode } from '../src/harness/time-code/time-code.ts';
import type { Viewer } from '../src/harness/viewers/viewers.ts';
import type { VisitResult } from './report/group-result.ts';

/** An observation of a viewer at one moment. */
export interface Look {
  readonly reading: Reading;
  /** Undefined when there is no picture yet, or when it stands still. */
  readonly latencySeconds: number | undefined;
  readonly selfReported: unknown;
}

/** @param latencyOf measures how far a page is behind live, in seconds. */
export async function lookAt(
  { page }: Viewer,
  latencyOf: (page: Page) => Promise<number | undefined>,
): Promise<Look> {
  return {
    latencySeconds: await latencyOf(page),
    reading: await read(page),
    selfReported: await statistics(page),
  };
}

/** The latency of a page in seconds, read from the time code in the clip's pictures. */
export async function pictureLatency(page: Page, origin: LiveOrigin): Promise<number | undefined> {
  const code = await readTimeCode(page);
  return code === undefined ? undefined : (code.wallMs - origin.liveAt(code.picture)) / 1000;
}

export function visitResult({ visit, looks }: Attended<Look>): VisitResult {
  const last = looks.at(-1);
  if (last === undefined) throw new Error(`no observation of viewer ${visit.name}`);
  const { reading, selfReported } = last;
  const starved = starvations(reading);
  return {
    name: visit.name,
    seat: visit.seat,
    joinMs: visit.joinMs,
    leaveMs: visit.leaveMs,
    startupMs: reading.startupMs,
    firstPictureMs: reading.firstPictureMs,
    latencySeconds: looks.flatMap(({ latencySeconds }) => latencySeconds ?? []),
    stalls: starved.length,
    stalledMs: totalMs(starved),
    decoderStopsMs: totalMs(reading.stalls) - totalMs(starved),
    errors: reading.errors,
    selfReported,
  };
}
