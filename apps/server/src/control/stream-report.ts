import type { Money, Stream } from '@freshet/api';
import type { StreamName } from '@freshet/protocol';
import type { StreamTotals } from '../metrics/stream-totals.ts';
import type { LiveStream } from '../stream/live-stream.ts';
import type { SwarmView } from '../tracker/swarm-view.ts';
import type { ConsoleStream } from './console-streams.ts';
import type { Counts } from './traffic-history.ts';

/** The sources of a stream's figures. */
export interface ReportParts {
  readonly stream: (name: StreamName) => LiveStream | undefined;
  readonly view: (name: StreamName) => SwarmView | undefined;
  /** What the tracker was told and decided lately, as JSON lines; undefined before the first viewer. */
  readonly trace: (name: StreamName) => string | undefined;
  readonly totals: (name: StreamName) => StreamTotals;
  readonly viewers: (name: StreamName) => number;
  readonly isPerViewer: (name: StreamName) => boolean;
}

/** A stream as the control API shows it. `Required`: unknown figures are undefined, so that none can be forgotten. */
export function streamReport(stream: ConsoleStream, money: Money, parts: ReportParts): Required<Stream> {
  const { name } = stream;
  const live = parts.stream(name);
  const view = parts.view(name);
  const { originBytes, publishedBytes } = parts.totals(name);
  const { peerBytes = 0, savedBytes = 0 } = view?.totals ?? {};
  const all = originBytes + peerBytes;
  const price = (bytes: number) => (money.costPerGb === null ? undefined : (bytes / 1e9) * money.costPerGb);
  return {
    ...stream,
    state: live?.state ?? 'stopped',
    problem: live?.problem?.message,
    viewers: parts.viewers(name),
    links: view?.links,
    bufferSeconds: Math.round((live?.bufferSeconds ?? 0) * 10) / 10,
    bufferBytes: live?.buffer.bytes ?? 0,
    renditions: [...(live?.buffer.renditions ?? [])].map(({ id, attributes, available }) => ({
      id,
      about: Object.values(attributes)
        .filter((value) => value !== undefined)
        .join(' '),
      available,
    })),
    perViewer: parts.isPerViewer(name),
    originBytes,
    publishedBytes,
    peerBytes,
    offload: all === 0 ? undefined : 1 - originBytes / all,
    spent: price(originBytes),
    saved: price(savedBytes),
    groups: view?.groups(),
  };
}

/** The counters and figures that the history samples. */
export function countsNow(name: StreamName, parts: ReportParts): Counts {
  const view = parts.view(name);
  const { medianStartupMs, medianLatencyMs } = view?.groups().sharing ?? {};
  const { originBytes, publishedBytes } = parts.totals(name);
  const { peerBytes = 0, stalls = 0 } = view?.totals ?? {};
  return {
    ...{ viewers: parts.viewers(name), originBytes, publishedBytes, peerBytes, stalls },
    ...{ startupMs: medianStartupMs, latencyMs: medianLatencyMs },
  };
}
