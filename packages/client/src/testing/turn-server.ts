import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';

/** coturn, where it is installed. */
const PROGRAM = ['/usr/bin/turnserver', '/usr/local/bin/turnserver'].find((path) => existsSync(path));
const READY = 'UDP listener opened';

/** A real STUN and TURN server on loopback, which counts the relays that are requested of it. */
export class TurnServer {
  static readonly isInstalled = PROGRAM !== undefined;
  readonly #child: ChildProcess;
  readonly port: number;
  readonly #ready: Promise<void>;
  #log = '';

  static async start(): Promise<TurnServer> {
    const server = new TurnServer(await freePort());
    await server.#ready;
    return server;
  }

  private constructor(port: number) {
    this.port = port;
    const options = {
      'listening-ip': '127.0.0.1',
      'relay-ip': '127.0.0.1',
      'listening-port': port,
      user: 'u:p',
      realm: 'test',
      'log-file': 'stdout',
      pidfile: '/dev/null',
    };
    const switches = [
      'lt-cred-mech',
      'allow-loopback-peers',
      'no-cli',
      'no-tls',
      'no-dtls',
      'simple-log',
      'verbose',
    ];
    const args = [
      ...Object.entries(options).map(([name, value]) => `--${name}=${value}`),
      ...switches.map((s) => `--${s}`),
    ];
    this.#child = spawn(PROGRAM ?? '', ['-n', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#ready = new Promise((resolve, reject) => {
      for (const output of [this.#child.stdout, this.#child.stderr])
        output?.on('data', (text: Buffer) => {
          this.#log += text.toString();
          if (this.#log.includes(READY)) resolve();
        });
      this.#child.once('exit', () => {
        reject(new Error(`the TURN server ended:\n${this.#log}`));
      });
    });
  }

  /** Relayed addresses that were allocated. */
  get allocations(): number {
    return this.#log.match(/ALLOCATE processed, success/g)?.length ?? 0;
  }

  /** Stops the process without closing anything: what it relays falls silent. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => {
        resolve(port);
      });
    });
  });
}
