import { findTurnServer } from '../../../setup/tools.mjs';
import { freePort } from '../programs/free-port.ts';
import { Program } from '../programs/program.ts';
import { until } from '../programs/until.ts';

/** The only account. */
export const TURN_LOGIN = { username: 'viewer', credential: 'secret' } as const;

export interface TurnServerOptions {
  /** Address for listening and relaying. Default: loopback. */
  readonly address?: string;
  /** Default: a free port. */
  readonly port?: number;
  /** Checks credentials that a server made with this secret, instead of the account. */
  readonly secret?: string;
}

/** coturn as STUN and TURN server, on a port that it keeps across restarts. */
export class TurnServer {
  readonly #command: string;
  readonly #address: string;
  readonly #port: number;
  readonly #secret: string | undefined;
  #program: Program;

  static async start(options: TurnServerOptions = {}): Promise<TurnServer> {
    const { address = '127.0.0.1', port, secret } = options;
    const command = findTurnServer();
    if (command === undefined) throw new Error('coturn is missing: npm run setup');
    const server = new TurnServer(command, address, port ?? (await freePort()), secret);
    await server.#listens();
    return server;
  }

  private constructor(command: string, address: string, port: number, secret: string | undefined) {
    this.#command = command;
    this.#address = address;
    this.#port = port;
    this.#secret = secret;
    this.#program = this.#spawn();
  }

  /** For `--ice-server`. */
  get url(): string {
    if (this.#secret !== undefined) return `turn:${this.#address}:${this.#port}`;
    const { username, credential } = TURN_LOGIN;
    return `turn:${username}:${credential}@${this.#address}:${this.#port}`;
  }

  /** Relayed addresses allocated since the last start. */
  get allocations(): number {
    return this.#program.output.match(/ALLOCATE processed, success/g)?.length ?? 0;
  }

  /** STUN and TURN requests of any kind since the last start. */
  get requests(): number {
    return this.#program.output.match(/incoming packet/g)?.length ?? 0;
  }

  /** Restarts it without its allocations and without notice, as when a router gets another address. */
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
      // Verbose, because otherwise it logs neither its listeners nor allocations.
      ...['--simple-log', '--verbose', '--fingerprint', '--allow-loopback-peers'],
      ...['--listening-ip', this.#address, '--relay-ip', this.#address],
      ...['--listening-port', String(this.#port)],
      ...['--realm', 'test'],
      ...(this.#secret === undefined
        ? ['--lt-cred-mech', '--user', `${username}:${credential}`]
        : ['--use-auth-secret', '--static-auth-secret', this.#secret]),
    ];
    return new Program({ name: 'coturn', command: this.#command, args });
  }

  /** The UDP listener is the last to open. */
  async #listens(): Promise<void> {
    const program = this.#program;
    await until(() => !program.running || program.output.includes('UDP listener opened'), {
      what: 'coturn',
      timeoutMs: 10_000,
    });
    if (!program.running) throw new Error(`coturn ended:\n${program.output}`);
  }
}
