import type { Millis, PeerId, Policy } from '@freshet/protocol';
import { type PeerEvent, TrackerCore, type TrackerEvent } from '@freshet/swarm';
import {
  type Appointment,
  noticeOf,
  type SourceSegment,
  type ViewerWord,
  type VirtualClock,
} from '@freshet/simulator';

/** A viewer's end of the signalling connection. */
export interface TrackerClient {
  readonly id: PeerId;
  /** Receives an event for the core. */
  heard(event: PeerEvent): void;
  /** The connection is lost. Join again later, unless `banned`. */
  disconnected(why: 'lost' | 'banned'): void;
}

/** The server's tracker as viewers see it: TrackerCore behind connections with a latency. It can fall silent or die. */
export class LabTracker {
  readonly #clock: VirtualClock;
  readonly #policy: Policy;
  readonly #latencyMs: Millis;
  readonly #window: () => readonly SourceSegment[];
  readonly #newCore: () => TrackerCore;
  readonly #clients = new Map<PeerId, TrackerClient>();
  #core: TrackerCore;
  #wake: Appointment | undefined;
  /** Outages and silences may overlap. */
  #outages = 0;
  #silences = 0;
  readonly banned = new Set<PeerId>();

  constructor(
    clock: VirtualClock,
    options: {
      readonly policy: Policy;
      readonly latencyMs: Millis;
      readonly seed: number;
      /** The segments that a join reply announces. */
      readonly window: () => readonly SourceSegment[];
    },
  ) {
    this.#clock = clock;
    this.#policy = options.policy;
    this.#latencyMs = options.latencyMs;
    this.#window = options.window;
    this.#newCore = () =>
      new TrackerCore({ seed: options.seed, maxNeighbours: options.policy.maxNeighbours });
    this.#core = this.#newCore();
  }

  /** @param admitted called when the welcome arrives; not called without an answer. */
  join(client: TrackerClient, word: ViewerWord, admitted: () => void): void {
    this.#up(() => {
      if (this.banned.has(client.id)) {
        this.#clock.after(this.#latencyMs, () => {
          client.disconnected('banned');
        });
        return;
      }
      this.#clients.set(client.id, client);
      this.#clock.after(this.#latencyMs, () => {
        if (this.#clients.get(client.id) === client) admitted();
      });
      this.#send(client.id, { type: 'joined', self: client.id });
      this.#send(client.id, { type: 'policy', policy: this.#policy });
      for (const segment of this.#window())
        this.#send(client.id, { type: 'announced', notice: noticeOf(segment) });
      this.#handle({ type: 'peer-joined', peer: client.id, ...word });
    });
  }

  report(client: TrackerClient, word: ViewerWord): void {
    this.#from(client, () => {
      this.#handle({ type: 'peer-reported', peer: client.id, ...word });
    });
  }

  pollution(client: TrackerClient, peer: PeerId, segment: string, piece: number): void {
    this.#from(client, () => {
      this.#handle({ type: 'pollution-reported', by: client.id, peer, segment, piece });
    });
  }

  /** The viewer's connection ended, with or without notice. */
  leave(client: TrackerClient, noticeMs: Millis = this.#latencyMs): void {
    this.#clock.after(noticeMs, () => {
      if (this.#clients.get(client.id) !== client) return;
      this.#clients.delete(client.id);
      this.#handle({ type: 'peer-left', peer: client.id });
    });
  }

  publish(segment: SourceSegment): void {
    if (this.#outages > 0) return;
    const { id, bytes, durationMs } = segment;
    this.#handle({ type: 'segment-published', segment: id, bytes, durationMs });
  }

  /** Connections stay open, but no message passes in either direction. */
  silence(silent: boolean): void {
    this.#silences += silent ? 1 : -1;
  }

  /** The process dies: all connections end, and viewers that come back meet a process without memory. */
  down(): void {
    this.#outages++;
    this.#wake?.cancel();
    this.#core = this.#newCore();
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    for (const client of clients) {
      this.#clock.after(this.#latencyMs, () => {
        client.disconnected('lost');
      });
    }
  }

  up(): void {
    this.#outages--;
  }

  #up(deliver: () => void): void {
    this.#clock.after(this.#latencyMs, () => {
      if (this.#outages === 0 && this.#silences === 0) deliver();
    });
  }

  #from(client: TrackerClient, deliver: () => void): void {
    this.#up(() => {
      if (this.#clients.get(client.id) === client) deliver();
    });
  }

  #send(to: PeerId, event: PeerEvent): void {
    const client = this.#clients.get(to);
    if (client === undefined || this.#silences > 0) return;
    this.#clock.after(this.#latencyMs, () => {
      if (this.#clients.get(to) === client) client.heard(event);
    });
  }

  #handle(event: TrackerEvent): void {
    for (const command of this.#core.handle(event, this.#clock.now)) {
      switch (command.type) {
        case 'introduce':
          this.#send(command.to, { type: 'introduced', peer: command.peer, dial: command.dial });
          break;
        case 'announce': {
          const { segment, bytes, durationMs, injectors } = command;
          for (const id of this.#clients.keys())
            this.#send(id, { type: 'announced', notice: { segment, bytes, durationMs, injectors } });
          break;
        }
        case 'expel':
          this.#send(command.to, { type: 'expelled', peer: command.peer });
          break;
        case 'ban':
          this.#ban(command.peer);
          break;
      }
    }
    this.#wake?.cancel();
    const { wakeAt } = this.#core;
    if (wakeAt === undefined) return;
    this.#wake = this.#clock.at(Math.max(wakeAt, this.#clock.now + 1), () => {
      this.#handle({ type: 'tick' });
    });
  }

  #ban(peer: PeerId): void {
    this.banned.add(peer);
    this.#clients.get(peer)?.disconnected('banned');
    this.#clients.delete(peer);
  }
}
