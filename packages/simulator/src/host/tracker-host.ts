import { DEFAULT_POLICY, type Millis, type PeerId, type Policy } from '@freshet/protocol';
import { type PeerEvent, TrackerCore, type TrackerEvent } from '@freshet/swarm';
import type { Appointment, VirtualClock } from '../clock/virtual-clock.ts';
import { noticeOf, type SourceSegment } from '../source/source-segment.ts';
import type { ViewerWord } from './viewer-word.ts';

/** A viewer's end of the signalling connection. */
export interface Member {
  readonly id: PeerId;
  /** One-way delay from the server. */
  readonly wayMs: Millis;
  /** The place that the server derives from its address. */
  readonly locality?: string;
  /**
   * Sends a message to the server.
   * @returns the time that it takes.
   */
  sendingMs(): Millis;
  heard(events: readonly PeerEvent[]): void;
  /** Join again later, unless banned. */
  disconnected(banned: boolean): void;
}

export interface TrackerHostOptions {
  readonly seed: number;
  /** Default: the product's. */
  readonly policy?: Policy;
  /** Round trips to set up a connection. */
  readonly connectRoundTrips: number;
  /** The segments that a join reply announces. */
  readonly listed: () => readonly SourceSegment[];
}

/**
 * TrackerCore behind connections. It can fall silent, or go down and come back without memory. Outages and silences may
 * overlap.
 */
export class TrackerHost {
  readonly banned = new Set<PeerId>();
  readonly #clock: VirtualClock;
  readonly #options: TrackerHostOptions;
  readonly #policy: Policy;
  readonly #members = new Map<PeerId, Member>();
  #core: TrackerCore;
  #wake: Appointment | undefined;
  #outages = 0;
  #silences = 0;

  constructor(clock: VirtualClock, options: TrackerHostOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#policy = options.policy ?? DEFAULT_POLICY;
    this.#core = this.#newCore();
  }

  /** A silent tracker does not answer. */
  join(member: Member, word: ViewerWord): void {
    const connectMs = this.#options.connectRoundTrips * 2 * member.wayMs;
    this.#clock.after(member.sendingMs() + connectMs, () => {
      if (this.#silences > 0) return;
      const isBanned = this.banned.has(member.id);
      if (this.#outages > 0 || isBanned) this.#disconnect(member, isBanned);
      else this.#admit(member, word);
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

  /** The viewer's connection ended, with or without notice. */
  leave(member: Member, noticeMs: Millis): void {
    this.#clock.after(noticeMs, () => {
      if (this.#members.get(member.id) !== member) return;
      this.#members.delete(member.id);
      this.#handle({ type: 'peer-left', peer: member.id });
    });
  }

  publish(segment: SourceSegment): void {
    if (this.#outages > 0) return;
    const { id, bytes, durationMs } = segment;
    this.#handle({ type: 'segment-published', segment: id, bytes, durationMs });
  }

  /** Connections stay open, but no message passes in either direction. */
  silence(isSilent: boolean): void {
    this.#silences += isSilent ? 1 : -1;
  }

  /** The process ends, and with it all connections. */
  goDown(): void {
    this.#outages++;
    this.#wake?.cancel();
    const members = [...this.#members.values()];
    this.#members.clear();
    this.#core = this.#newCore();
    for (const member of members) this.#disconnect(member, false);
  }

  comeUp(): void {
    this.#outages--;
  }

  #newCore(): TrackerCore {
    return new TrackerCore({ seed: this.#options.seed, maxNeighbours: this.#policy.maxNeighbours });
  }

  #admit(member: Member, word: ViewerWord): void {
    this.#members.set(member.id, member);
    const welcome: PeerEvent[] = [
      { type: 'joined', self: member.id },
      { type: 'policy', policy: this.#policy },
    ];
    for (const segment of this.#options.listed())
      welcome.push({ type: 'announced', notice: noticeOf(segment) });
    this.#send(member, welcome);
    const { id, locality } = member;
    this.#handle({ type: 'peer-joined', peer: id, ...word, ...(locality !== undefined && { locality }) });
  }

  #disconnect(member: Member, banned: boolean): void {
    this.#clock.after(member.wayMs, () => {
      member.disconnected(banned);
    });
  }

  #from(member: Member, deliver: () => void): void {
    this.#clock.after(member.sendingMs(), () => {
      if (this.#silences === 0 && this.#members.get(member.id) === member) deliver();
    });
  }

  #send(member: Member, events: readonly PeerEvent[]): void {
    if (this.#silences > 0) return;
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
    const member = this.#members.get(peer);
    this.#members.delete(peer);
    member?.disconnected(true);
  }
}
