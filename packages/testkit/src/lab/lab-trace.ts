import { type ControlFrame, type Millis, segmentKey } from '@freshet/protocol';
import type { PeerCommand, PeerEvent } from '@freshet/swarm';
import type { LabObserver, ObservedViewer } from './lab-observer.ts';

/** Entries that are kept. The oldest are dropped. */
const MAX_ENTRIES = 50_000;

interface Entry {
  readonly now: Millis;
  readonly viewer: string;
  readonly arrow: '<' | '>';
  readonly what: PeerEvent | PeerCommand;
}

/**
 * A log with one line for each event (<) or command (>), for reading after a failure. Lines are formatted only when
 * they are read.
 */
export class LabTrace implements LabObserver {
  #entries: Entry[] = [];

  /** The last lines that match. */
  lines(matching = /./, last = 200): readonly string[] {
    return this.#entries
      .map(
        ({ now, viewer, arrow, what }) =>
          `${now.toFixed(1).padStart(9)} ${viewer} ${arrow} ${describe(what)}`,
      )
      .filter((line) => matching.test(line))
      .slice(-last);
  }

  told(viewer: ObservedViewer, event: PeerEvent, now: Millis): void {
    if (event.type !== 'tick') this.#add({ now, viewer: viewer.id, arrow: '<', what: event });
  }

  decided(viewer: ObservedViewer, command: PeerCommand, now: Millis): void {
    this.#add({ now, viewer: viewer.id, arrow: '>', what: command });
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    if (this.#entries.length > 2 * MAX_ENTRIES) this.#entries = this.#entries.slice(-MAX_ENTRIES);
  }
}

function describe(what: PeerEvent | PeerCommand): string {
  const parts: string[] = [what.type];
  for (const [name, value] of Object.entries(what) as [string, unknown][]) {
    if (name === 'type') continue;
    if (name === 'frame') parts.push(describeFrame(value as ControlFrame));
    else if (isSegmentId(value)) parts.push(segmentKey(value));
    else parts.push(`${name}=${JSON.stringify(value)}`);
  }
  return parts.join(' ');
}

function describeFrame(frame: ControlFrame): string {
  if (frame.type === 'bye') return 'bye';
  const more =
    frame.type === 'request'
      ? ` within ${frame.withinMs.toFixed(0)}`
      : frame.type === 'reject'
        ? ` ${frame.reason}`
        : '';
  return `[${frame.type} ${segmentKey(frame.segment)} ${[...frame.pieces].join(',')}/${frame.pieces.length}${more}]`;
}

function isSegmentId(value: unknown): value is Parameters<typeof segmentKey>[0] {
  return typeof value === 'object' && value !== null && 'msn' in value && 'epoch' in value;
}
