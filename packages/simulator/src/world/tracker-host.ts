import { DEFAULT_POLICY, type Millis, type PeerId } from '@freshet/protocol';
import { type PeerEvent, TrackerCore, type TrackerEvent } from '@freshet/swarm';
import type { Appointment, VirtualClock } from '../clock/virtual-clock.ts';
import { noticeOf, type SourceSegment } from '../source/source-segment.ts';
import type { ViewerWord } from './viewer-word.ts';

export interface Member {
  readonly id: PeerId;
  /** One-way delay from the server. */
  readonly wayMs: Millis;
  /**
   * Sends a message to the server.
   * @returns the time that it takes.
   */
  sendingMs(): Millis;
  /** The place that the server derives from its address. */
  readonly locality: string;
  heard(events: readonly PeerEvent[]): void;
  /** Join again later, unless banned. */
  disconnected(banned: boolean): void;
}

/** Round trips to set up a connection: TCP, WebSocket, and socket.io's own handshake. */
const CONNECT_ROUND_TRIPS = 3;

/** TrackerCore behind connections. While it is down, no message passes; it comes back without memory. */
export class TrackerHost {
  readonly #clock: VirtualClock;
  readonly #seed: number;
  readonly #listed: () => readonly SourceSegment[];
  readonly #members = new Map<PeerId, Member>();
  #core: TrackerCore;
  #wake: Appointment | undefined;
  isUp = true;

  constructor(clock: VirtualClock, seed: number, listed: () => readonly SourceSegment[]) {
    this.#clock = clock;
    this.#seed = seed;
    this.#listed = listed;
    this.#core = this.#newCore();
  }

  join(member: Member, word: ViewerWord): void {
    this.#clock.after(member.sendingMs() + CONNECT_ROUND_TRIPS * 2 * member.wayMs, () => {
      if (!this.isUp) {
        this.#clock.after(member.wayMs, () => {
          member.disconnected(false);
        });
        return;
      }
      this.#members.set(member.id, member);
      const welcome: PeerEvent[] = [
        { type: 'joined', self: member.id },
        { type: 'policy', policy: DEFAULT_POLICY },
      ];
      for (const segment of this.#listed()) welcome.push({ type: 'announced', notice: noticeOf(segment) });
      this.#send(member, welcome);
      this.#handle({ type: 'peer-joined', peer: member.id, ...word, locality: member.locality });
    });
  }

  report(member: Member, word: ViewerWord): void {
    this.#from(member, () => {
      this.#handle({ type: 'peer-reported', peer: member.id, ...word });
    });
  }

  accuse(member: Member, peer: PeerId, segment: string, piece: number): void {
    this.#from(member, () => {
      this.#handle({ type: 'pollution-reported', by: member.id, peer, segment, piece });
    });
  }

  leave(member: Member, noticeMs: number): void {
    this.#clock.after(noticeMs, () => {
      if (this.#members.get(member.id) !== member) return;
      this.#members.delete(member.id);
      this.#handle({ type: 'peer-left', peer: member.id });
    });
  }

  publish(segment: SourceSegment): void {
    if (!this.isUp) return;
    const { id, bytes, durationMs } = segment;
    this.#handle({ type: 'segment-published', segment: id, bytes, durationMs });
  }

  goDown(): void {
    this.isUp = false;
    this.#wake?.cancel();
    const members = [...this.#members.values()];
    this.#members.clear();
    this.#core = this.#newCore();
    for (const member of members) {
      this.#clock.after(member.wayMs, () => {
        member.disconnected(false);
      });
    }
  }

  comeUp(): void {
    this.isUp = true;
  }

  #newCore(): TrackerCore {
    return new TrackerCore({ seed: this.#seed, maxNeighbours: DEFAULT_POLICY.maxNeighbours });
  }

  #from(member: Member, deliver: () => void): void {
    this.#clock.after(member.sendingMs(), () => {
      if (this.#members.get(member.id) === member) deliver();
    });
  }

  #send(member: Member, events: readonly PeerEvent[]): void {
    this.#clock.after(member.wayMs, () => {
      if (this.#members.get(member.id) === member) member.heard(events);
    });
  }

  #sendTo(id: PeerId, event: PeerEvent): void {
    const member = this.#members.get(id);
    if (member !== undefined) this.#send(member, [event]);
  }

  #handle(event: TrackerEvent): void {
    for (const command of this.#core.handle(event, this.#clock.now)) {
      switch (command.type) {
        case 'introduce':
          this.#sendTo(command.to, { type: 'introduced', peer: command.peer, dial: command.dial });
          break;
        case 'announce': {
          const { segment, bytes, durationMs, injectors } = command;
          const events: PeerEvent[] = [
            { type: 'announced', notice: { segment, bytes, durationMs, injectors } },
          ];
          for (const member of this.#members.values()) this.#send(member, events);
          break;
        }
        case 'expel':
          this.#sendTo(command.to, { type: 'expelled', peer: command.peer });
          break;
        case 'ban':
          this.#members.get(command.peer)?.disconnected(true);
          this.#members.delete(command.peer);
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
}
