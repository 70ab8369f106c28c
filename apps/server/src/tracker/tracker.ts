import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Sharing } from '@freshet/api';
import {
  type Join,
  type JoinReply,
  LIMITS,
  type Millis,
  type PeerId,
  type Policy,
  PROTOCOL_VERSION,
  type Refusal,
  type StreamName,
} from '@freshet/protocol';
import type { Logger } from 'pino';
import { Server } from 'socket.io';
import type { LiveStream } from '../stream/live-stream.ts';
import { clientAddress, type ProxyTrust } from '../util/client-address.ts';
import { type Connection, guardConnection, type Offence } from './connection-guard.ts';
import { localityOf } from './locality.ts';
import { MessageGate, type Rejection } from './message-gate.ts';
import { peerIdentity } from './peer-identity.ts';
import { SwarmHost } from './swarm-host.ts';
import type { SwarmView } from './swarm-view.ts';
import type { ViewerServer, ViewerSocket } from './viewer-socket.ts';

/** A connection that has not joined within this time is closed. */
const JOIN_TIMEOUT_MS = 10_000;
/**
 * Connections allowed above `maxViewers`: those that are still joining, and those that are told that the swarm is full.
 * Further ones are refused with 403 before the server keeps any state for them; their pages play plain HLS and retry.
 */
const SPARE_CONNECTIONS = 200;

interface TrackerMetrics {
  countAnnouncement(stream: StreamName): void;
  countRejectedMessage(reason: Rejection | Offence | 'not-introduced' | 'fault'): void;
  countPollution(stream: StreamName): void;
  countBan(stream: StreamName): void;
  countDifference(stream: StreamName): void;
  observeConnect(stream: StreamName, ms: Millis): void;
}

export interface TrackerOptions {
  readonly httpServer: HttpServer | HttpsServer;
  /** Path of the socket.io endpoint, base path included. */
  readonly path: string;
  readonly findStream: (name: StreamName) => LiveStream | undefined;
  /** The server's settings. */
  readonly policy: Policy;
  /** The broadcaster's settings for one stream. Default: none. */
  readonly sharing?: ((stream: StreamName) => Sharing | undefined) | undefined;
  /** Whether a token is the pass of the running rehearsal. Default: no token is. */
  readonly isRehearsalPass?: ((stream: StreamName, token: string) => boolean) | undefined;
  /** The proxies in front of the server whose X-Forwarded-For is trusted. */
  readonly trustProxy: ProxyTrust;
  /** Limit for the viewers of all streams together. Above it, joins are refused as `full`; pages play plain HLS. */
  readonly maxViewers: number;
  readonly log: Logger;
  readonly metrics: TrackerMetrics;
  readonly now: () => Millis;
  readonly seed: number;
}

/** Accepts socket.io connections, and runs one SwarmHost for each stream that is watched. */
export class Tracker {
  readonly #options: TrackerOptions;
  readonly #io: ViewerServer;
  readonly #swarms = new Map<StreamName, SwarmHost>();
  #draining = false;

  constructor(options: TrackerOptions) {
    this.#options = options;
    this.#io = new Server(options.httpServer, {
      path: options.path,
      transports: ['websocket', 'polling'],
      maxHttpBufferSize: LIMITS.signallingMessageBytes,
      perMessageDeflate: false,
      // Checked here and not in the connection handler, which sees only clients with a socket.io session: a client that
      // requested thousands of engine.io sessions a second by plain GET had them all kept.
      allowRequest: (_request, answer) => {
        answer(undefined, this.#io.engine.clientsCount < options.maxViewers + SPARE_CONNECTIONS);
      },
      connectTimeout: JOIN_TIMEOUT_MS,
      serveClient: false,
      destroyUpgrade: false,
      // Embeds are on pages of other sites. Nothing here relies on cookies, so any origin is allowed.
      cors: { origin: '*' },
    });
    // engine.io only ends its side of such a connection: the other end could keep it open for ever.
    options.httpServer.on('upgrade', (request, socket) => {
      if (request.url?.startsWith(`${options.path}/`) !== true) socket.destroy();
    });
    this.#io.engine.on('connection', (connection: Connection) => {
      guardConnection(connection, options.now, (offence) => {
        options.metrics.countRejectedMessage(offence);
        options.log.debug({ reason: offence }, 'connection closed');
      });
    });
    this.#io.on('connection', (socket) => {
      const onFault = this.#faultsOf(socket);
      try {
        this.#welcome(socket, onFault);
      } catch (error) {
        onFault(error);
      }
    });
  }

  /** Viewers of one stream, or of all. */
  viewers(stream?: StreamName): number {
    if (stream !== undefined) return this.#swarms.get(stream)?.viewers ?? 0;
    let sum = 0;
    for (const swarm of this.#swarms.values()) sum += swarm.viewers;
    return sum;
  }

  /** Open links of one stream's viewers, as they report them. */
  links(stream: StreamName): number {
    return this.#swarms.get(stream)?.links ?? 0;
  }

  /** Whether sharing is off because the stream's segments differ from viewer to viewer. */
  isPerViewer(stream: StreamName): boolean {
    return this.#swarms.get(stream)?.isPerViewer ?? false;
  }

  /** The reports of a stream's viewers; undefined before the first viewer. */
  view(stream: StreamName): SwarmView | undefined {
    return this.#swarms.get(stream)?.view;
  }

  /** The latest decisions about a stream's swarm, as JSON lines; undefined before the first viewer. */
  trace(stream: StreamName): string | undefined {
    return this.#swarms.get(stream)?.trace;
  }

  /** Connected viewers are told at once, later ones when they join. */
  setSharing(stream: StreamName, sharing: Sharing): void {
    this.#swarms.get(stream)?.setSharing(sharing);
  }

  /** Disconnects the viewers of a removed stream. They play what they have, and find it again if it comes back. */
  forget(stream: StreamName): void {
    const swarm = this.#swarms.get(stream);
    this.#swarms.delete(stream);
    swarm?.close();
    this.#io.in(stream).disconnectSockets(true);
  }

  /** Refuses all joins from now on: viewers are told to play plain HLS and to retry later. */
  drain(): void {
    this.#draining = true;
  }

  async close(): Promise<void> {
    this.drain();
    for (const swarm of this.#swarms.values()) swarm.close();
    this.#io.disconnectSockets(true);
    await this.#io.close();
  }

  /** A fault in a handler ends the connection whose message it handled. Uncaught, it would end the process. */
  #faultsOf(socket: ViewerSocket): (error: unknown) => void {
    return (error) => {
      this.#options.metrics.countRejectedMessage('fault');
      this.#options.log.error({ err: error }, 'a fault in a handler: the viewer is disconnected');
      socket.disconnect(true);
    };
  }

  #welcome(socket: ViewerSocket, onFault: (error: unknown) => void): void {
    const { log, metrics } = this.#options;
    const reject = (reason: Rejection | 'not-introduced') => {
      metrics.countRejectedMessage(reason);
      log.debug({ reason }, 'message rejected');
    };
    const gate = new MessageGate(socket, reject, onFault);
    const tooLate = setTimeout(() => socket.disconnect(true), JOIN_TIMEOUT_MS);
    let member: { readonly peer: PeerId; readonly swarm: SwarmHost } | undefined;
    const leave = () => {
      clearTimeout(tooLate);
      if (member === undefined) return;
      member.swarm.leave(member.peer, socket);
      void socket.leave(member.swarm.stream);
      member = undefined;
    };

    gate.on('join', (join, reply) => {
      leave();
      const answer = this.#admit(join);
      if ('refusal' in answer) {
        reply?.({ refusal: answer.refusal } satisfies JoinReply);
        return;
      }
      const { swarm, peer, resume } = answer;
      const { token } = join;
      const rehearses = token !== undefined && this.#options.isRehearsalPass?.(swarm.stream, token) === true;
      const claims = { ...join, rehearses };
      member = { swarm, peer };
      reply?.({
        welcome: {
          peer,
          resume,
          policy: swarm.policyFor(peer, claims),
          announcements: swarm.recentAnnouncements(),
        },
      } satisfies JoinReply);
      void socket.join(swarm.stream);
      const locality = localityOf(clientAddress(socket.handshake, this.#options.trustProxy));
      swarm.join(peer, socket, claims, locality);
    });
    gate.on('report', (report) => member?.swarm.report(member.peer, report));
    gate.on('signal', ({ to, signal }) => {
      if (member !== undefined && !member.swarm.signal(member.peer, to, signal)) reject('not-introduced');
    });
    gate.on('pollution', (pollution) => member?.swarm.pollution(member.peer, pollution));
    gate.on('difference', () => {
      if (member === undefined) return;
      metrics.countDifference(member.swarm.stream);
      member.swarm.difference(member.peer);
    });
    gate.on('leave', leave);
    socket.on('disconnect', () => {
      try {
        leave();
      } catch (error) {
        onFault(error);
      }
    });
  }

  #admit(join: Join): { refusal: Refusal } | { swarm: SwarmHost; peer: PeerId; resume: string } {
    const refuse = (code: Refusal['code'], message: string) => ({ refusal: { code, message } });
    if (join.version !== PROTOCOL_VERSION) {
      return refuse(
        'version',
        `The server uses protocol version ${PROTOCOL_VERSION}, the page ${join.version}: reload the page.`,
      );
    }
    if (this.#draining) return refuse('draining', 'The server is shutting down.');
    const stream = this.#options.findStream(join.stream);
    if (stream === undefined) return refuse('unknown-stream', `Stream "${join.stream}" not found.`);
    const identity = peerIdentity(join.resume);
    const swarm = this.#swarmOf(stream);
    if (swarm.isBanned(identity.peer)) return refuse('denied', 'This viewer is banned from the swarm.');
    if (this.viewers() >= this.#options.maxViewers)
      return refuse('full', 'The swarm is full; play from the server.');
    return { swarm, ...identity };
  }

  #swarmOf(stream: LiveStream): SwarmHost {
    const existing = this.#swarms.get(stream.name);
    if (existing !== undefined) return existing;
    const { policy, seed, now, metrics, log } = this.#options;
    const swarm = new SwarmHost({
      stream,
      policy,
      seed,
      now,
      broadcast: (announcement) => {
        this.#io.to(stream.name).emit('announce', announcement);
        metrics.countAnnouncement(stream.name);
      },
      sharing: this.#options.sharing?.(stream.name),
      onPerViewer: (isPerViewer) => {
        const said = isPerViewer
          ? 'segments differ from viewer to viewer: sharing is switched off'
          : 'sharing is switched on again';
        log.warn({ stream: stream.name }, said);
      },
      onPollution: () => {
        metrics.countPollution(stream.name);
      },
      onConnected: (ms) => {
        metrics.observeConnect(stream.name, ms);
      },
      onBanned: () => {
        metrics.countBan(stream.name);
        log.warn({ stream: stream.name }, 'banned a viewer that sent corrupt pieces');
      },
    });
    this.#swarms.set(stream.name, swarm);
    return swarm;
  }
}
