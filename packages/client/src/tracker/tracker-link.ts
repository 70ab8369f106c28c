import {
  Announcement,
  backoffMs,
  type Difference,
  Expulsion,
  Introduction,
  type Join,
  JoinReply,
  type PeerId,
  Policy,
  type Pollution,
  PROTOCOL_VERSION,
  Refusal,
  type Report,
  type Signal,
  SignalFrom,
  type TrackerEvents,
  type ViewerEvents,
  type Welcome,
} from '@freshet/protocol';
import { Manager, type Socket } from 'socket.io-client';
import * as v from 'valibot';
import type { AccessToken } from '../origin/access-token.ts';
import type { StreamAddress } from '../origin/stream-address.ts';
import { experimentBucket } from './experiment-bucket.ts';
import { socketioParser } from './socketio-parser.ts';
import type { Timer } from '../util/clock.ts';
import type { Log } from '../util/log.ts';

/** An answer to `join` that takes longer counts as none. */
const JOIN_TIMEOUT_MS = 10_000;
/** socket.io's own back-off while the server is unreachable. */
const RECONNECT_FIRST_MS = 1000;
const RECONNECT_LAST_MS = 15_000;
/** A shorter connection does not count as a success: the back-off continues instead of starting anew. */
const LASTED_MS = 10_000;
/** A full or stopping server must not get a request every second. `#connectLater` spreads these delays. */
const AGAIN_MS = 5000;
const REFUSED_FIRST_MS = 2500;
const REFUSED_LAST_MS = 60_000;
/**
 * The connection is renewed for another network at most this often: a page on a train changes networks every minute.
 */
const RENEW_EVERY_MS = 10_000;

/** Temporary refusals. `unknown-stream`: a server that restarts may not have found its source yet. */
const PASSING: ReadonlySet<Refusal['code']> = new Set(['full', 'draining', 'unknown-stream']);

/** Joins that are refused in a row although the page makes another token for each. */
const MAX_DENIALS = 2;

export interface TrackerHandlers {
  /** What a join says about this viewer now. */
  describe(): Pick<Join, 'neighbours' | 'renditions' | 'uploads' | 'cellular'>;
  onWelcome(welcome: Welcome): void;
  onAnnouncement(announcement: Announcement): void;
  onIntroduction(introduction: Introduction): void;
  onSignal(from: PeerId, signal: Signal): void;
  onPolicy(policy: Policy): void;
  onExpulsion(peer: PeerId): void;
  /** `final`: the page does not try again. */
  onRefused(refusal: Refusal, final: boolean): void;
  /** The connection broke or could not be made, and is tried again. */
  onLost(): void;
}

/**
 * The connection to the tracker. It joins, joins again under the same peer id after every break, and carries messages.
 * It validates what the server sends and drops malformed messages. Playback never depends on it.
 */
export class TrackerLink {
  readonly #socket: Socket<TrackerEvents, ViewerEvents>;
  readonly #stream: Join['stream'];
  readonly #access: AccessToken;
  readonly #handlers: TrackerHandlers;
  readonly #log: Log;
  #resume: string | undefined;
  #joined = false;
  #refusals = 0;
  #shortLives = 0;
  #connectedAt = 0;
  #renewedAt = -RENEW_EVERY_MS;
  #retry: Timer | undefined;
  #closed = false;

  constructor(address: StreamAddress, access: AccessToken, handlers: TrackerHandlers, log: Log) {
    this.#handlers = handlers;
    this.#log = log;
    this.#stream = address.stream;
    this.#access = access;
    const connection = new Manager<TrackerEvents, ViewerEvents>(address.serverOrigin, {
      path: address.signallingPath,
      parser: socketioParser,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      autoConnect: false,
      // As the page's own requests do: a load balancer may route by a cookie.
      withCredentials: address.serverOrigin === (globalThis as { location?: Location }).location?.origin,
      reconnectionDelay: RECONNECT_FIRST_MS,
      reconnectionDelayMax: RECONNECT_LAST_MS,
      randomizationFactor: 0.5,
    });
    this.#socket = connection.socket('/');
    this.#listen();
  }

  /** Whether the viewer has joined and is connected. */
  get joined(): boolean {
    return this.#joined;
  }

  connect(): void {
    if (this.#closed) return;
    clearTimeout(this.#retry);
    this.#socket.connect();
  }

  /**
   * The network may have changed. A connection that looks open may be dead, which takes up to 45 s to show, and one
   * that is being made may wait longer than it needs. Joins again at once, unless the tracker refused this viewer.
   */
  renew(): void {
    const now = performance.now();
    if (!this.#socket.active || now - this.#renewedAt < RENEW_EVERY_MS) return;
    this.#renewedAt = now;
    this.#joined = false;
    this.#socket.disconnect().connect();
  }

  report(report: Report): void {
    if (this.#joined) this.#socket.volatile.emit('report', report);
  }

  signal(to: PeerId, signal: Signal): void {
    if (this.#joined) this.#socket.emit('signal', { to, signal });
  }

  pollution(pollution: Pollution): void {
    if (this.#joined) this.#socket.emit('pollution', pollution);
  }

  difference(difference: Difference): void {
    if (this.#joined) this.#socket.emit('difference', difference);
  }

  /** Says goodbye and disconnects; `connect` joins again. */
  leave(): void {
    clearTimeout(this.#retry);
    if (this.#joined) this.#socket.emit('leave');
    this.#joined = false;
    this.#socket.disconnect();
  }

  close(): void {
    this.#closed = true;
    this.leave();
    this.#socket.removeAllListeners();
    this.#socket.io.removeAllListeners();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('connect', () => {
      this.#connectedAt = performance.now();
      this.#sendJoin();
    });
    socket.on('disconnect', (reason) => {
      this.#joined = false;
      if (this.#closed || reason === 'io client disconnect') return;
      this.#log('lost', { reason });
      this.#handlers.onLost();
      this.#slowDown();
      // The server itself closed the connection: socket.io then does not reconnect.
      if (reason === 'io server disconnect') this.#connectLater(AGAIN_MS);
    });
    socket.on('connect_error', (error) => {
      this.#log('unreachable', { error: error.message });
      this.#handlers.onLost();
      // `active` is false when the server's middleware refused: socket.io then gives up.
      if (!socket.active) this.#connectLater(AGAIN_MS);
    });
    this.#on('announce', Announcement, (announcement) => {
      this.#handlers.onAnnouncement(announcement);
    });
    this.#on('introduce', Introduction, (introduction) => {
      this.#handlers.onIntroduction(introduction);
    });
    this.#on('signal', SignalFrom, ({ from, signal }) => {
      this.#handlers.onSignal(from, signal);
    });
    this.#on('policy', Policy, (policy) => {
      this.#handlers.onPolicy(policy);
    });
    this.#on('expel', Expulsion, ({ peer }) => {
      this.#handlers.onExpulsion(peer);
    });
    this.#on('refused', Refusal, (refusal) => {
      this.#log('refused', refusal);
      // Any other refusal ends the membership.
      if (refusal.code !== 'malformed') this.#refused(refusal);
    });
    socket.on('renew', () => {
      void this.#access.renew()?.then(() => {
        if (this.#joined) socket.emit('token', { token: this.#access.value ?? '' });
      });
    });
  }

  #on<Schema extends v.GenericSchema>(
    name: keyof TrackerEvents,
    schema: Schema,
    listener: (message: v.InferOutput<Schema>) => void,
  ): void {
    (this.#socket as Socket).on(name, (message: unknown) => {
      const valid = v.safeParse(schema, message);
      if (!valid.success) this.#log('malformed', { name });
      // Before the welcome this viewer has no identity to receive messages under.
      else if (this.#joined || name === 'refused') listener(valid.output);
    });
  }

  #sendJoin(): void {
    const bucket = experimentBucket();
    const join: Join = {
      version: PROTOCOL_VERSION,
      stream: this.#stream,
      token: this.#access.value,
      ...this.#handlers.describe(),
      ...(this.#resume !== undefined && { resume: this.#resume }),
      ...(bucket !== undefined && { experimentBucket: bucket }),
    };
    const { id } = this.#socket;
    // A callback, not a promise: messages that follow the answer directly are handled in the same turn.
    this.#socket.timeout(JOIN_TIMEOUT_MS).emit('join', join, (_error: Error | null, answer: unknown) => {
      if (!this.#closed && id !== undefined && this.#socket.id === id) this.#answered(answer);
    });
  }

  /** `answer` is undefined when none came in time. */
  #answered(answer: unknown): void {
    const reply = v.safeParse(JoinReply, answer);
    if (!reply.success) {
      this.#log('malformed');
      this.#socket.disconnect();
      this.#handlers.onLost();
      this.#connectLater(AGAIN_MS);
      return;
    }
    if ('refusal' in reply.output) {
      this.#refused(reply.output.refusal);
      return;
    }
    this.#refusals = 0;
    this.#joined = true;
    this.#resume = reply.output.welcome.resume;
    this.#handlers.onWelcome(reply.output.welcome);
  }

  #refused(refusal: Refusal): void {
    const final =
      !PASSING.has(refusal.code) &&
      !(refusal.code === 'denied' && this.#refusals < MAX_DENIALS && this.#access.renew());
    this.#joined = false;
    this.#socket.disconnect();
    if (!final) this.#connectLater(backoffMs(this.#refusals++, REFUSED_FIRST_MS, REFUSED_LAST_MS, 0, 0));
    this.#handlers.onRefused(refusal, final);
  }

  #connectLater(ms: number): void {
    clearTimeout(this.#retry);
    if (this.#closed) return;
    this.#retry = setTimeout(
      () => {
        this.connect();
      },
      ms * (1 + Math.random()),
    );
  }

  /**
   * socket.io restarts its back-off with every connection, however short. Raises the first delay to make up for that.
   */
  #slowDown(): void {
    const lasted = performance.now() - this.#connectedAt >= LASTED_MS;
    this.#shortLives = lasted ? 0 : this.#shortLives + 1;
    this.#socket.io.reconnectionDelay(
      Math.min(RECONNECT_LAST_MS, RECONNECT_FIRST_MS * 2 ** Math.min(this.#shortLives, 10)),
    );
  }
}
