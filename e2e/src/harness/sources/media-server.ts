import { publishRtmp } from './encoder.ts';
import { NginxRtmp } from './nginx-rtmp.ts';
import type { Program } from '../programs/program.ts';
import { until } from '../programs/until.ts';

const KEY = 'programme';

/** A broadcaster: an encoder that publishes to nginx. */
export class MediaServer {
  readonly #nginx: NginxRtmp;
  #encoder: Program | undefined;

  static async start(): Promise<MediaServer> {
    const server = new MediaServer(await NginxRtmp.start());
    await server.#publish();
    return server;
  }

  private constructor(nginx: NginxRtmp) {
    this.#nginx = nginx;
  }

  get url(): string {
    return this.#nginx.hlsUrl(KEY);
  }

  get output(): string {
    return this.#encoder?.output ?? '';
  }

  /** Ends the encoder and nginx, and removes what they had published. */
  async stop(): Promise<void> {
    await this.#encoder?.stop();
    await this.#nginx.stop();
  }

  /** Restarts both on the same ports. The media sequence starts from its beginning. */
  async restart(): Promise<void> {
    await this.#nginx.start();
    await this.#publish();
  }

  async close(): Promise<void> {
    await this.#encoder?.stop();
    await this.#nginx.close();
  }

  /** Waits for a playlist of three segments, which a player needs to start. */
  async #publish(): Promise<void> {
    const encoder = publishRtmp(this.#nginx.rtmpUrl(KEY));
    this.#encoder = encoder;
    await until(
      async () => {
        if (!encoder.running)
          throw new Error(`the encoder ended: ${await encoder.exited}\n${encoder.output}`);
        const response = await fetch(this.url);
        return response.ok && (await response.text()).split('#EXTINF').length > 3;
      },
      { what: 'the media server to publish', timeoutMs: 30_000, everyMs: 200 },
    );
  }
}
