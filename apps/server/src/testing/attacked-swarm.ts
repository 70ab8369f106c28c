import { randomInt } from 'node:crypto';
import type { Introduction, JoinReply, Report } from '@freshet/protocol';
import type { Socket } from 'socket.io-client';
import { expect } from 'vitest';
import { type AttackedServer, joinAsAttacker, startAttackedServer } from './attacked-server.ts';

/** A viewer of an attacked swarm, without our client. */
export interface RawViewer {
  readonly socket: Socket;
  readonly peer: string;
  readonly resume: string;
  /** The peers that the tracker introduced it to. */
  readonly met: Set<string>;
}

/** The fields of a report that every viewer must send. */
const QUIET: Report = {
  ...{ neighbours: [], renditions: [], uploads: true, seeking: false },
  ...{ peerBytes: 0, originBytes: 0, uploadedBytes: 0, stalls: 0 },
};

/** A whole server on a clock that the test moves, and raw viewers of its stream `demo`. */
export class AttackedSwarm {
  readonly server: AttackedServer;
  readonly #clock: { ahead: number };

  private constructor(server: AttackedServer, clock: { ahead: number }) {
    this.server = server;
    this.#clock = clock;
  }

  /** @param argv e.g. `--trust-proxy 1`, so that a viewer's address can be stated */
  static async start(...argv: string[]): Promise<AttackedSwarm> {
    const clock = { ahead: 0 };
    const server = await startAttackedServer(argv, { now: () => performance.now() + clock.ahead });
    return new AttackedSwarm(server, clock);
  }

  pass(ms: number): void {
    this.#clock.ahead += ms;
  }

  async join(address?: string, change: object = {}): Promise<RawViewer> {
    const met = new Set<string>();
    const { reply, socket } = await this.ask(address, change, (made) => {
      made.on('introduce', ({ peer }: Introduction) => met.add(peer));
    });
    if (!('welcome' in reply)) throw new Error(reply.refusal.message);
    return { socket, met, peer: reply.welcome.peer, resume: reply.welcome.resume };
  }

  ask(
    address?: string,
    join: object = {},
    onSocket: (socket: Socket) => void = () => undefined,
  ): Promise<{ readonly socket: Socket; readonly reply: JoinReply }> {
    const options = { join, onSocket, ...(address === undefined ? {} : { address }) };
    return joinAsAttacker(this.server.url, options);
  }

  /** Resolves when the tracker has handled the report and everything before it. */
  async report({ socket }: RawViewer, change: Partial<Report>): Promise<void> {
    socket.emit('report', { ...QUIET, ...change });
    await this.settled(socket);
  }

  /** Both ends report the link. */
  async link(a: RawViewer, ...others: RawViewer[]): Promise<void> {
    await this.report(a, { neighbours: others.map(({ peer }) => peer) });
    for (const other of others) await this.report(other, { neighbours: [a.peer] });
  }

  async accuse(by: RawViewer, peer: string): Promise<void> {
    by.socket.emit('pollution', { peer, epoch: 1, rendition: '0123abcd', msn: 1, piece: 0 });
    await this.settled(by.socket);
  }

  /** The server handles a connection's messages in order, and counts a signal to a stranger. */
  async settled(socket: Socket): Promise<void> {
    const before = await this.metric('freshet_rejected_messages_total{reason="not-introduced"}');
    const stranger = String(randomInt(1e12)).padStart(16, '0');
    socket.emit('signal', { to: stranger, signal: { type: 'offer', sdp: 'v=0\r\n' } });
    await expect
      .poll(() => this.metric('freshet_rejected_messages_total{reason="not-introduced"}'))
      .toBeGreaterThan(before);
  }

  /** @returns 0 for a series without a value */
  async metric(series: string): Promise<number> {
    const text = await (await fetch(new URL('metrics', this.server.url))).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
    return Number(line?.slice(series.length + 1) ?? 0);
  }
}
