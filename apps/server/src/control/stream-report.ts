import type { StreamName } from '@freshet/protocol';
import type { StreamTotals } from '../metrics/stream-totals.ts';
import type { LiveStream } from '../stream/live-stream.ts';
import type { GroupFigures } from '../tracker/group-figures.ts';
import type { Group } from '../tracker/sharing.ts';
import type { LinksByKind } from '../tracker/link-figures.ts';
import type { SwarmView } from '../tracker/swarm-view.ts';
import type { Money } from './console-file.ts';
import type { ConsoleStream } from './console-streams.ts';
import type { Counts } from './traffic-history.ts';

/** Where the figures of a stream come from. */
export interface ReportParts {
  readonly stream: (name: StreamName) => LiveStream | undefined;
  readonly view: (name: StreamName) => SwarmView | undefined;
  readonly totals: (name: StreamName) => StreamTotals;
  readonly viewers: (name: StreamName) => number;
  readonly isPerViewer: (name: StreamName) => boolean;
}

/** A stream as the control API shows it. Bytes are of segments, since the server started. */
export interface StreamReport extends ConsoleStream {
  /** The source's state; `stopped`: it is not being fetched. */
  readonly state: string;
  /** Why its source does not work, and what to do; undefined when nothing is known to be wrong. */
  readonly problem: string | undefined;
  readonly viewers: number;
  /** Ends of open links by the way that their packets take, by the viewers' word; undefined before anybody watched. */
  readonly links: LinksByKind | undefined;
  readonly bufferSeconds: number;
  readonly bufferBytes: number;
  readonly renditions: readonly {
    readonly id: string;
    readonly about: string;
    readonly available: boolean;
  }[];
  /** Segments differ from viewer to viewer, so that nothing can be shared. */
  readonly perViewer: boolean;
  /** Counted where they leave the server. */
  readonly originBytes: number;
  readonly publishedBytes: number;
  /** By the viewers' word. */
  readonly peerBytes: number;
  /** 1 - origin / (origin + peers): of what viewers got, the share that others gave. */
  readonly offload: number | undefined;
  /**
   * In the currency of `money`; undefined when the price of a gigabyte is not known. `spent` is what the server counted;
   * `saved` is the viewers' word, as far as the server's own counts bear it out.
   */
  readonly spent: number | undefined;
  readonly saved: number | undefined;
  readonly groups: Record<Group, GroupFigures> | undefined;
}

export function streamReport(stream: ConsoleStream, money: Money, parts: ReportParts): StreamReport {
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

/** What the history keeps of this moment. */
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
