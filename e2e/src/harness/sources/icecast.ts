import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findIcecast } from '../../../setup/tools.mjs';
import { freePort } from '../programs/free-port.ts';
import { Program } from '../programs/program.ts';
import { until } from '../programs/until.ts';

const PASSWORD = 'source-password';

/** Icecast as radio stations run it. */
export class Icecast {
  readonly #folder: string;
  readonly #port: number;
  #program: Program | undefined;

  static async start(): Promise<Icecast> {
    const icecast = new Icecast(await mkdtemp(join(tmpdir(), 'freshet-icecast-')), await freePort());
    await icecast.#start();
    return icecast;
  }

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  /** The address to which ffmpeg sends a station. */
  sourceUrl(mount: string): string {
    return `icecast://source:${PASSWORD}@127.0.0.1:${this.#port}/${mount}`;
  }

  /** The address at which listeners play the station. */
  url(mount: string): string {
    return `http://127.0.0.1:${this.#port}/${mount}`;
  }

  async close(): Promise<void> {
    await this.#program?.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const icecast = findIcecast();
    if (icecast === undefined) throw new Error('Icecast is missing: npm run setup');
    await mkdir(join(this.#folder, 'log'));
    const file = join(this.#folder, 'icecast.xml');
    await writeFile(file, this.#configuration());
    this.#program = new Program({ name: 'icecast', command: icecast, args: ['-c', file] });
    const program = this.#program;
    await until(
      async () => {
        if (!program.running) throw new Error(`Icecast ended: ${await program.exited}\n${program.output}`);
        return (await fetch(this.url('none'))).status === 404;
      },
      { what: 'Icecast', timeoutMs: 10_000 },
    );
  }

  #configuration(): string {
    // Icecast refuses to run as root, so it becomes nobody. It writes only its log, to standard error.
    const user = process.getuid?.() === 0 ? '<user>nobody</user><group>nogroup</group>' : '';
    return `<icecast>
  <location>here</location>
  <admin>nobody@localhost</admin>
  <hostname>127.0.0.1</hostname>
  <limits><sources>4</sources></limits>
  <authentication>
    <source-password>${PASSWORD}</source-password>
    <admin-user>admin</admin-user>
    <admin-password>${PASSWORD}</admin-password>
  </authentication>
  <listen-socket><bind-address>127.0.0.1</bind-address><port>${this.#port}</port></listen-socket>
  <paths>
    <basedir>/usr/share/icecast2</basedir>
    <logdir>${this.#folder}/log</logdir>
    <webroot>/usr/share/icecast2/web</webroot>
    <adminroot>/usr/share/icecast2/admin</adminroot>
  </paths>
  <logging><accesslog>-</accesslog><errorlog>-</errorlog><loglevel>2</loglevel></logging>
  <security><chroot>0</chroot>${user === '' ? '' : `<changeowner>${user}</changeowner>`}</security>
</icecast>
`;
  }
}
