import { ffmpegPath } from '../harness/sources/encoder.ts';
import { Program } from '../harness/programs/program.ts';
import { expect, test } from '../harness/test.ts';

interface Probed {
  readonly streams: readonly { readonly codec_type: string; readonly codec_name: string }[];
}

/** @returns its output. Fails on an exit code other than 0. */
async function run(name: 'ffmpeg' | 'ffprobe', args: readonly string[]): Promise<string> {
  const program = new Program({
    name,
    command: ffmpegPath(name),
    args: ['-hide_banner', '-v', 'error', ...args],
  });
  const how = await program.exited;
  expect(how, `${name} ${args.join(' ')}\n${program.output}`).toBe('exit code 0');
  return program.output;
}

const KINDS = [
  { kind: 'MPEG-TS from a media server', stream: 'live' },
  // 20 s pass the end of its clip: the timeline must continue across the loop.
  { kind: 'the demo stream in fMP4', stream: 'demo' },
];

for (const { kind, stream } of KINDS)
  test(`ffprobe and ffmpeg play the relay without Freshet code: ${kind}`, async ({
    mediaServer,
    startServer,
  }) => {
    const server = await startServer(stream === 'live' ? { sources: { live: mediaServer.url } } : {});
    await server.live(stream);
    const url = server.playlistUrl(stream);

    const probed = JSON.parse(await run('ffprobe', ['-show_streams', '-of', 'json', url])) as Probed;
    const kinds = probed.streams.map(({ codec_type, codec_name }) => `${codec_type}: ${codec_name}`);
    expect(new Set(kinds)).toEqual(new Set(['video: h264', 'audio: aac']));

    const started = performance.now();
    expect(await run('ffmpeg', ['-xerror', '-re', '-i', url, '-t', '20', '-f', 'null', '-'])).toBe('');
    expect(performance.now() - started, 'it played in real time').toBeGreaterThan(15_000);
  });
