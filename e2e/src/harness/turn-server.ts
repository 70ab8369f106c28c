import { findTurnServer } from '../../setup/tools.mjs';
import { freePort } from './free-port.ts';
import { Program } from './program.ts';
import { until } from './until.ts';

/** Its one account. */
export const TURN_LOGIN = { username: 'viewer', credential: 'secret' } as const;

export interface TurnServerOptions {
  /** Where it listens and relays. Default: on loopback. */
  readonly address?: string;
  /** Default: a free one. */
  readonly port?: number;
}

/** coturn as STUN and TURN, on a port that it keeps over restarts. */
export class TurnServer {
  readonly #command: string;
  readonly #address: string;
  readonly #port: number;
  #program: Program;

  static async start({ address = '127.0.0.1', port }: TurnServerOptions = {}): Promise<TurnServer> {
    const command = findTurnServer();
    if (command === undefined) throw new Error('coturn is missing: npm run setup');
    const server = new TurnServer(command, address, port ?? (await freePort()));
    await server.#listens();
    return server;
  }

  private constructor(command: string, address: string, port: number) {
    this.#command = command;
    this.#address = address;
    this.#port = port;
    this.#program = this.#spawn();
  }

  /** For `--ice-server`. */
  get url(): string {
    const { username, credential } = TURN_LOGIN;
    return `turn:${username}:${credential}@${this.#address}:${this.#port}`;
  }

  /** Relayed addresses that were given out since it last started. */
  get allocations(): number {
    return this.#program.output.match(/ALLOCATE processed, success/g)?.length ?? 0;
  }

  /** It forgets all that it relays, as a router does that gets another address: nobody is told. */
  async restart(): Promise<void> {
    await this.close();
    this.#program = this.#spawn();
    await this.#listens();
  }

  close(): Promise<void> {
    return this.#program.stop('SIGKILL');
  }

  #spawn(): Program {
    const { username, credential } = TURN_LOGIN;
    const args = [
      ...['-n', '--no-cli', '--no-tls', '--no-dtls', '--log-file', 'stdout', '--pidfile', '/dev/null'],
      // Verbose: else it tells neither of its listeners nor of allocations.
      ...['--simple-log', '--verbose', '--fingerprint', '--allow-loopback-peers'],
      ...['--listening-ip', this.#address, '--relay-ip', this.#address],
      ...['--listening-port', String(this.#port)],
      ...['--lt-cred-mech', '--realm', 'test', '--user', `${username}:${credential}`],
    ];
    return new Program({ name: 'coturn', command: this.#command, args });
  }

  /** The UDP listener is its last. */
  async #listens(): Promise<void> {
    const program = this.#program;
    await until(() => !program.running || program.output.includes('UDP listener opened'), {
      what: 'coturn',
      timeoutMs: 10_000,
    });
    if (!program.running) throw new Error(`coturn ended:\n${program.output}`);
  }
}
