import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNginx, findRtmpModule } from '../../../setup/tools.mjs';
import { freePort } from '../programs/free-port.ts';
import { Program } from '../programs/program.ts';
import { until } from '../programs/until.ts';

/** nginx with its RTMP module, as broadcasters run it: RTMP in; HLS out, with 2 s segments in a window of 10. */
export class NginxRtmp {
  readonly #folder: string;
  readonly #httpPort: number;
  readonly #rtmpPort: number;
  #program: Program | undefined;

  static async start(): Promise<NginxRtmp> {
    const folder = await mkdtemp(join(tmpdir(), 'freshet-nginx-'));
    const nginx = new NginxRtmp(folder, await freePort(), await freePort());
    await nginx.start();
    return nginx;
  }

  private constructor(folder: string, httpPort: number, rtmpPort: number) {
    this.#folder = folder;
    this.#httpPort = httpPort;
    this.#rtmpPort = rtmpPort;
  }

  /** The address at which an encoder publishes `key`. */
  rtmpUrl(key: string): string {
    return `rtmp://127.0.0.1:${this.#rtmpPort}/live/${key}`;
  }

  /** The media playlist of the stream published as `key`. */
  hlsUrl(key: string): string {
    return `http://127.0.0.1:${this.#httpPort}/hls/${key}.m3u8`;
  }

  /** Starts on the same ports as before, without the media published before. */
  async start(): Promise<void> {
    const nginx = findNginx();
    const rtmpModule = findRtmpModule();
    if (nginx === undefined || rtmpModule === undefined)
      throw new Error('nginx with its RTMP module is missing: npm run setup');
    await mkdir(join(this.#folder, 'hls'), { recursive: true });
    const conf = join(this.#folder, 'nginx.conf');
    await writeFile(conf, this.#configuration(rtmpModule));
    this.#program = new Program({
      name: 'nginx',
      command: nginx,
      args: ['-p', this.#folder, '-c', conf, '-e', join(this.#folder, 'error.log')],
    });
    const program = this.#program;
    await until(
      async () => {
        if (!program.running) throw new Error(`nginx ended: ${await program.exited}\n${program.output}`);
        return (await fetch(this.hlsUrl('none'))).status === 404;
      },
      { what: 'nginx', timeoutMs: 10_000 },
    );
  }

  /** Ends it as a crash would, and removes what it had written. */
  async stop(): Promise<void> {
    await this.#program?.stop();
    await rm(join(this.#folder, 'hls'), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #configuration(rtmpModule: string): string {
    const folder = this.#folder;
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
      .join(' ');
    // One process, in the foreground, under our own user: a worker of another user could not read the folder.
    return `load_module ${rtmpModule};
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 256; }
rtmp {
  server {
    listen 127.0.0.1:${this.#rtmpPort};
    chunk_size 4096;
    application live {
      live on;
      record off;
      hls on;
      hls_path ${folder}/hls;
      hls_fragment 2s;
      hls_playlist_length 20s;
    }
  }
}
http {
  access_log off;
  ${temporary}
  types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; }
  server {
    listen 127.0.0.1:${this.#httpPort};
    location /hls {
      root ${folder};
      add_header Cache-Control no-cache;
      add_header Access-Control-Allow-Origin *;
    }
  }
}
`;
  }
}
