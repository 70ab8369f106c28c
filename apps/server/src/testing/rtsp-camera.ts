import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { encoder, PICTURE_AND_TONE, H264 } from './ffmpeg-source.ts';

/** Video and audio, as a camera sends them: audio in G.711, which no browser plays. */
const TRACKS = 2;

/**
 * Starts a camera: RTSP with RTP over the same connection (RFC 2326, 10.12), fed by ffmpeg. It answers the four
 * requests that a player makes and knows no others. @returns its address
 */
export async function rtspCamera(user: string): Promise<string> {
  const server = createServer((socket) => {
    // A player that disconnects interrupts the pending read or write.
    serve(socket, `Basic ${Buffer.from(user).toString('base64')}`).catch(() => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `rtsp://${user}@127.0.0.1:${(server.address() as AddressInfo).port}/camera`;
}

async function serve(socket: Socket, authorization: string): Promise<void> {
  socket.on('error', () => undefined);
  const inputs = Array.from({ length: TRACKS }, () => createSocket('udp4').bind(0, '127.0.0.1'));
  await Promise.all(inputs.map((input) => once(input, 'listening')));
  const [video, sound] = inputs.map((input) => `rtp://127.0.0.1:${input.address().port}?pkt_size=1200`);
  const camera = encoder(
    ...[...PICTURE_AND_TONE, '-map', '0:v', ...H264, '-f', 'rtp', video ?? ''],
    ...['-map', '1:a', '-c:a', 'pcm_alaw', '-ar', '8000', '-ac', '1', '-f', 'rtp', sound ?? ''],
  );
  const description = readDescription(camera.stdout);
  socket.on('close', () => {
    camera.kill('SIGKILL');
    for (const input of inputs) input.close();
  });
  let text = '';
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    // What a player sends between its requests (RTCP) is ignored: it does not contain these line ends.
    text = (text + chunk.toString('latin1')).slice(-10_000);
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const request = text.slice(0, end);
      text = text.slice(end + 4);
      const [, method = '', url = ''] = /([A-Z]+) (rtsp:\S+) RTSP\/1\.0/.exec(request) ?? [];
      const reply = (status: string, headers: string[], body = '') => {
        const sequence = /CSeq: *(\d+)/i.exec(request)?.[1] ?? '0';
        const all = [`RTSP/1.0 ${status}`, `CSeq: ${sequence}`, 'Session: 1', ...headers];
        socket.write(`${all.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      };
      if (method !== 'OPTIONS' && !request.includes(`Authorization: ${authorization}`))
        reply('401 Unauthorized', ['WWW-Authenticate: Basic realm="camera"']);
      else if (method === 'DESCRIBE')
        reply('200 OK', ['Content-Type: application/sdp', `Content-Base: ${url}/`], await description);
      else if (method === 'SETUP') reply('200 OK', [/Transport: [^\r]*/i.exec(request)?.[0] ?? '']);
      else reply('200 OK', ['Public: DESCRIBE, SETUP, PLAY']);
      if (method === 'PLAY')
        inputs.forEach((input, track) => {
          forward(input, socket, track * 2);
        });
    }
  }
}

function forward(input: ReturnType<typeof createSocket>, socket: Socket, channel: number): void {
  input.on('message', (packet) => {
    const head = Buffer.from([0x24, channel, packet.length >> 8, packet.length & 0xff]);
    socket.write(Buffer.concat([head, packet]));
  });
}

/** The RTP session description that ffmpeg prints, with a path for each track instead of a port. */
async function readDescription(output: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of output as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if ((text.match(/^m=/gm)?.length ?? 0) === TRACKS && text.endsWith('\n')) break;
  }
  let track = 0;
  return text
    .replace(/^[\s\S]*?(?=v=0)/, '')
    .trim()
    .split(/\r?\n/)
    .flatMap((line) =>
      line.startsWith('m=') ? [line.replace(/ \d+ /, ' 0 '), `a=control:track${track++}`] : [line],
    )
    .join('\r\n')
    .concat('\r\n');
}
