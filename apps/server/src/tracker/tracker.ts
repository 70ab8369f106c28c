import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Sharing } from '@freshet/api';
import {
  type Join,
  LIMITS,
  type Millis,
  type Policy,
  PROTOCOL_VERSION,
  type Refusal,
  type StreamName,
} from '@freshet/protocol';
import type { Logger } from 'pino';
import { Server } from 'socket.io';
import type { AllowedSites } from '../access/allowed-sites.ts';
import { placeOf } from '../ice/place.ts';
import type { TurnCredentials } from '../ice/turn-credentials.ts';
import type { LiveStream } from '../stream/live-stream.ts';
import type { Budgets } from '../guard/budgets.ts';
import { clientAddress, isBehindUnknownProxy, type ProxyTrust } from '../util/client-address.ts';
import { type Connection, guardConnection, type Offence } from './connection-guard.ts';
import type { OpenMembership } from './join-access.ts';
import { localityOf, networkOf } from './locality.ts';
import { peerIdentity } from './peer-identity.ts';
import { Seat } from './seat.ts';
import { SwarmHost } from './swarm-host.ts';
import type { SwarmView } from './swarm-view.ts';
import { type Admitted, JOIN_TIMEOUT_MS, type Rejected, ViewerSession } from './viewer-session.ts';
import type { ViewerServer, ViewerSocket } from './viewer-socket.ts';

interface TrackerMetrics {
  countAnnouncement(stream: StreamName): void;
  countRejectedMessage(reason: Rejected | Offence | 'fault'): void;
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
  /** Makes each viewer's credentials for TURN servers without a password. Default: there are none. */
  readonly turn?: TurnCredentials | undefined;
  /** Whether only viewers of one network share, in every stream. Default: no. */
  readonly sameNetwork?: boolean;
  /** The broadcaster's settings for one stream. Default: none. */
  readonly sharing?: ((stream: StreamName) => Sharing | undefined) | undefined;
  /** Whether a token is the pass of the running rehearsal. Default: no token is. */
  readonly isRehearsalPass?: ((stream: StreamName, token: string) => boolean) | undefined;
  /** Who may join private streams. Default: all streams are public. */
  readonly access?: OpenMembership | undefined;
  /** Sites whose pages may join. Default: all. */
  readonly sites?: AllowedSites | undefined;
  /** The proxies in front of the server whose X-Forwarded-For is trusted. */
  readonly trustProxy: ProxyTrust;
  /** Bounds for viewers, and for connections that have not joined. At them, pages play plain HLS and retry. */
  readonly budgets: Budgets;
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
  readonly #seats = new WeakMap<Connection, Seat>();
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
      allowRequest: (request, answer) => {
        const { headers } = request;
        const isAllowed = options.sites?.allows(headers.origin, headers.host) ?? true;
        answer(undefined, isAllowed && options.budgets.sockets.has(this.#prefixOf(request)));
      },
      connectTimeout: JOIN_TIMEOUT_MS,
      serveClient: false,
      destroyUpgrade: false,
      // Embeds are on pages of other sites. Nothing here relies on cookies, so any origin may read the answers;
      // `allowRequest` refuses the sites that the operator does not allow.
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
      const seat = new Seat(options.budgets, this.#prefixOf(connection.request));
      this.#seats.set(connection, seat);
      connection.once('close', () => {
        seat.free();
      });
      if (!seat.waits()) connection.close(true);
    });
    this.#io.on('connection', (socket) => {
      const seat = this.#seats.get(socket.conn);
      if (seat === undefined) socket.disconnect(true);
      else this.#welcome(socket, seat);
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

  /** Viewers of one stream that met as many new peers as they may for now. */
  spentBudgets(stream: StreamName): number {
    return this.#swarms.get(stream)?.spentBudgets ?? 0;
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
  #failed(socket: ViewerSocket, error: unknown): void {
    this.#options.metrics.countRejectedMessage('fault');
    this.#options.log.error({ err: error }, 'a fault in a handler: the viewer is disconnected');
    socket.disconnect(true);
  }

  #welcome(socket: ViewerSocket, seat: Seat): void {
    const { log, metrics, budgets, now, trustProxy } = this.#options;
    const fail = (error: unknown) => {
      this.#failed(socket, error);
    };
    try {
      const address = clientAddress(socket.handshake, trustProxy);
      const isKnown = !isBehindUnknownProxy(socket.handshake, trustProxy);
      new ViewerSession({
        socket,
        seat,
        budgets,
        now,
        address,
        access: this.#options.access,
        locality: localityOf(address),
        place: isKnown ? placeOf(address, networkOf(address)) : undefined,
        admit: (join) => this.#admit(join),
        onFault: fail,
        onRejected: (reason) => {
          metrics.countRejectedMessage(reason);
          log.debug({ reason }, 'message rejected');
        },
        onDifference: (stream) => {
          metrics.countDifference(stream);
        },
      });
    } catch (error) {
      fail(error);
    }
  }

  #prefixOf({ socket, headers }: IncomingMessage): string {
    const address = clientAddress({ address: socket.remoteAddress ?? '', headers }, this.#options.trustProxy);
    return this.#options.budgets.prefixOf(address);
  }

  #admit(join: Join): { readonly refusal: Refusal } | Admitted {
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
    // A code after which pages try again: the ban is short.
    if (swarm.isBanned(identity.peer))
      return refuse('full', 'This viewer sent corrupt pieces and is banned for some minutes.');
    const rehearses =
      join.token !== undefined && this.#options.isRehearsalPass?.(stream.name, join.token) === true;
    return { swarm, rehearses, ...identity };
  }

  #swarmOf(stream: LiveStream): SwarmHost {
    const existing = this.#swarms.get(stream.name);
    if (existing !== undefined) return existing;
    const { policy, turn, sameNetwork, seed, now, metrics, log } = this.#options;
    const swarm = new SwarmHost({
      stream,
      policy,
      turn,
      sameNetwork,
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
