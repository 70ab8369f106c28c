import { type Millis, type PeerId, segmentKey } from '@freshet/protocol';
import type { PeerCommand, PeerEvent } from '@freshet/swarm';
import type { ObservedViewer } from '../lab/lab-observer.ts';
import { Checker, PerViewer } from './checker.ts';

/** Requested pieces of one neighbour that may wait for their answer. */
const MAX_WAITING = 64;
/** Pieces handed to one link at a time. */
const MAX_IN_FLIGHT = 2;
/** A request without a limit of its own must be answered within this time. */
const PATIENCE_MS = 60_000;
/** An answer may come this long after `withinMs`: it is of no use then, but may wait until the queue moves next. */
const SLACK_MS = 15_000;

interface Waiting {
  /** The time by which it must be answered. */
  readonly due: Millis;
  /** The number of pieces that the request says the segment has. */
  readonly length: number;
}

interface Line {
  /** Pieces that were requested and not answered. */
  readonly waiting: Map<string, Waiting>;
  /** Pieces that were sent as an answer and have not left yet. */
  readonly leaving: Set<string>;
  /** Leaving pieces that were requested again: the same piece may serve, or be rejected on its own. */
  readonly again: Set<string>;
  /** Pieces that were cancelled while they left, and must be recalled at once. */
  readonly broken: Set<string>;
}

/**
 * The serving side: each requested piece is answered exactly once, by itself or by `reject`, unless it is cancelled or
 * the link ends. A cancelled piece breaks off. Only pieces that were requested and are held are sent. Queues stay short
 * (PROTOCOL.md, B5, B7, B8).
 */
export class ServeChecker extends Checker {
  readonly #lines = new PerViewer(() => new Map<PeerId, Line>());

  told(viewer: ObservedViewer, event: PeerEvent, now: Millis): void {
    const lines = this.#lines.of(viewer);
    if (event.type === 'link-closed') lines.delete(event.peer);
    if (event.type === 'link-open')
      lines.set(event.peer, { waiting: new Map(), leaving: new Set(), again: new Set(), broken: new Set() });
    if (event.type === 'piece-sent') {
      lines.get(event.peer)?.leaving.delete(`${event.segment} ${event.piece}`);
      lines.get(event.peer)?.again.delete(`${event.segment} ${event.piece}`);
    }
    if (event.type !== 'frame') return;
    const { frame } = event;
    const line = lines.get(event.peer);
    if (line === undefined || (frame.type !== 'request' && frame.type !== 'cancel')) return;
    for (const piece of frame.pieces) {
      const item = `${segmentKey(frame.segment)} ${piece}`;
      if (frame.type === 'cancel') {
        line.waiting.delete(item);
        line.again.delete(item);
        if (line.leaving.has(item)) line.broken.add(item);
      } else if (line.leaving.has(item)) line.again.add(item);
      else if (!line.waiting.has(item))
        line.waiting.set(item, {
          due: now + (frame.withinMs > 0 ? frame.withinMs + SLACK_MS : PATIENCE_MS),
          length: frame.pieces.length,
        });
    }
  }

  decided(viewer: ObservedViewer, command: PeerCommand, now: Millis): void {
    const lines = this.#lines.of(viewer);
    if (command.type === 'hang-up') lines.delete(command.peer);
    else if (command.type === 'send-piece') {
      const item = `${command.segment} ${command.piece}`;
      const line = this.#answer(viewer, command.peer, item, 'sends', now);
      line?.leaving.add(item);
      if ((line?.leaving.size ?? 0) > MAX_IN_FLIGHT)
        this.breach(viewer, now, `hands ${line?.leaving.size ?? 0} pieces at a time to ${command.peer}`);
      if (!viewer.holds(command.segment, command.piece))
        this.breach(viewer, now, `sends ${item}, which it does not hold`);
    } else if (command.type === 'recall-piece') {
      const item = `${command.segment} ${command.piece}`;
      const line = lines.get(command.peer);
      line?.broken.delete(item);
      if (line?.leaving.delete(item) !== true)
        this.breach(viewer, now, `recalls ${item}, which it does not send to ${command.peer}`);
    } else if (command.type === 'send' && command.frame.type === 'reject') {
      const { segment, pieces } = command.frame;
      for (const piece of pieces) {
        const item = `${segmentKey(segment)} ${piece}`;
        const { length = pieces.length } = lines.get(command.peer)?.waiting.get(item) ?? {};
        // The answer to a request with a wrong length leaves an earlier, right one waiting.
        if (length === pieces.length) this.#answer(viewer, command.peer, item, 'rejects', now);
      }
    }
  }

  settled(viewer: ObservedViewer, now: Millis): void {
    for (const [peer, { waiting, broken }] of this.#lines.of(viewer)) {
      if (waiting.size > MAX_WAITING) this.breach(viewer, now, `${waiting.size} requests of ${peer} wait`);
      for (const item of broken) this.breach(viewer, now, `goes on with ${item}, which ${peer} cancelled`);
      broken.clear();
    }
  }

  left(viewer: ObservedViewer): void {
    this.#lines.delete(viewer);
  }

  override finish(now: Millis): void {
    for (const [viewer, lines] of this.#lines) {
      for (const [peer, { waiting }] of lines) {
        const [late] = [...waiting].filter(([, { due }]) => due < now);
        if (late !== undefined) this.breach(viewer, now, `never answered ${peer}'s request of ${late[0]}`);
      }
    }
  }

  #answer(viewer: ObservedViewer, peer: PeerId, item: string, how: string, now: Millis): Line | undefined {
    const line = this.#lines.of(viewer).get(peer);
    if (line?.waiting.delete(item) !== true && line?.again.delete(item) !== true)
      this.breach(viewer, now, `${how} ${item}, which ${peer} did not ask for or got an answer to`);
    return line;
  }
}
