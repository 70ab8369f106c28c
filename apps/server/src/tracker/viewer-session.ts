import type { Join, JoinReply, Millis, PeerId, Refusal, StreamName } from '@freshet/protocol';
import type { Budgets } from '../guard/budgets.ts';
import type { Place } from '../ice/place.ts';
import type { SignalFault } from '../ice/signal-relay.ts';
import { JoinAccess, type OpenMembership } from './join-access.ts';
import { MessageGate, type Rejection } from './message-gate.ts';
import type { Seat } from './seat.ts';
import type { SwarmHost } from './swarm-host.ts';
import type { ViewerSocket } from './viewer-socket.ts';

/** A connection that is not a member for this long is closed: one that never joined, was refused, or has left. */
export const JOIN_TIMEOUT_MS = 10_000;
/**
 * A connection is welcomed at most this often: each join has the tracker introduce a new viewer. Our client makes a new
 * connection for each join.
 */
const REJOIN_MS = 10_000;

/** Why a message had no effect. The list is closed, so that a reason can be a metric's label. */
export type Rejected = Rejection | SignalFault | 'rejoin';

/** A viewer that may join. */
export interface Admitted {
  readonly swarm: SwarmHost;
  readonly peer: PeerId;
  readonly resume: string;
  readonly rehearses: boolean;
}

export interface SessionOptions {
  readonly socket: ViewerSocket;
  readonly seat: Seat;
  readonly budgets: Budgets;
  readonly now: () => Millis;
  readonly address: string;
  /** Who may join private streams. Undefined: all streams are public. */
  readonly access: OpenMembership | undefined;
  /** See `localityOf`. */
  readonly locality: string | undefined;
  /** Undefined if it is not known where the viewer is. */
  readonly place: Place | undefined;
  readonly admit: (join: Join) => { readonly refusal: Refusal } | Admitted;
  readonly onRejected: (reason: Rejected) => void;
  /** Called with what a handler threw. */
  readonly onFault: (error: unknown) => void;
  readonly onDifference: (stream: StreamName) => void;
}

/** One connection: it joins, is a viewer's until it leaves, and is closed if it does neither. */
export class ViewerSession {
  readonly #options: SessionOptions;
  #member: { readonly peer: PeerId; readonly swarm: SwarmHost } | undefined;
  #welcomedAt: Millis | undefined;
  #tooLate: NodeJS.Timeout;
  readonly #access: JoinAccess;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { socket, address, access, onRejected, onFault, onDifference } = options;
    this.#access = new JoinAccess(access, socket, address, onFault, () => {
      this.#member?.swarm.expel(this.#member.peer);
      this.#forget();
    });
    this.#tooLate = this.#awaitJoin();
    const gate = new MessageGate(socket, onRejected, onFault);
    gate.on('join', (join, reply) => {
      const answer = (answer: JoinReply) => reply?.(answer);
      if (this.#mayAsk(answer))
        this.#access.ask(join, reply, () => {
          this.#join(join, answer);
        });
    });
    gate.on('token', ({ token }) => {
      this.#access.renew(token);
    });
    gate.on('report', (report) => this.#member?.swarm.report(this.#member.peer, report));
    gate.on('signal', ({ to, signal }) => {
      const fault = this.#member?.swarm.signal(this.#member.peer, to, signal);
      if (fault === 'invalid-signal') gate.refuse(fault, 'signal: no browser makes such a signal');
      else if (fault !== undefined) onRejected(fault);
    });
    gate.on('pollution', (pollution) => this.#member?.swarm.pollution(this.#member.peer, pollution));
    gate.on('difference', () => {
      if (this.#member === undefined) return;
      onDifference(this.#member.swarm.stream);
      this.#member.swarm.difference(this.#member.peer);
    });
    gate.on('leave', () => {
      this.#leave();
    });
    socket.on('disconnect', () => {
      try {
        this.#end();
      } catch (error) {
        onFault(error);
      }
    });
  }

  /** Refuses joins beyond the bounds, before a token is looked at. */
  #mayAsk(answer: (reply: JoinReply) => void): boolean {
    const { socket, seat, budgets, now, onRejected } = this.#options;
    if (this.#welcomedAt !== undefined && now() - this.#welcomedAt < REJOIN_MS) {
      onRejected('rejoin');
      answer(refusal('flood', `A connection joins at most once in ${REJOIN_MS / 1000} s.`));
      return false;
    }
    this.#leave();
    if (!socket.connected) return false;
    if (budgets.mayJoin(seat.prefix)) return true;
    answer(refusal('full', 'Too many joins from this network; play from the server.'));
    return false;
  }

  #join(join: Join, answer: (reply: JoinReply) => void): void {
    const { socket, seat, now, locality, place, admit } = this.#options;
    const admitted = admit(join);
    if ('refusal' in admitted) answer(admitted);
    else if (!seat.joins()) answer(refusal('full', 'The swarm is full; play from the server.'));
    else {
      const { swarm, peer, resume, rehearses } = admitted;
      const claims = { ...join, rehearses };
      clearTimeout(this.#tooLate);
      this.#member = { peer, swarm };
      this.#welcomedAt = now();
      const policy = swarm.policyFor(peer, claims);
      answer({ welcome: { peer, resume, policy, announcements: swarm.recentAnnouncements() } });
      void socket.join(swarm.stream);
      swarm.join(peer, socket, claims, locality, place);
    }
  }

  /** Ends the membership. The connection may join again, if it has a place and does so in time. */
  #leave(): void {
    this.#access.close();
    if (this.#member === undefined) return;
    this.#forget();
    if (this.#options.seat.waits()) this.#tooLate = this.#awaitJoin();
    else this.#options.socket.disconnect(true);
  }

  /** The socket has ended. Its connection may still be open, and nothing would ever close it. */
  #end(): void {
    clearTimeout(this.#tooLate);
    this.#access.close();
    this.#forget();
    this.#options.socket.conn.close();
  }

  #forget(): void {
    if (this.#member === undefined) return;
    const { peer, swarm } = this.#member;
    this.#member = undefined;
    void this.#options.socket.leave(swarm.stream);
    swarm.leave(peer, this.#options.socket);
  }

  #awaitJoin(): NodeJS.Timeout {
    return setTimeout(() => this.#options.socket.disconnect(true), JOIN_TIMEOUT_MS);
  }
}

function refusal(code: Refusal['code'], message: string): JoinReply {
  return { refusal: { code, message } };
}
