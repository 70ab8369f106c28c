import type Hls from 'hls.js';
import { ffmpegPath } from '../harness/sources/encoder.ts';
import { PartOrigin } from '../harness/sources/part-origin.ts';
import { addPlainPage } from '../harness/pages/plain-page.ts';
import { expectNoStall, playing, playOn } from '../harness/viewers/play.ts';
import { Program } from '../harness/programs/program.ts';
import { expect, test } from '../harness/test.ts';

/**
 * Between filming and showing: part hold-back of 1.5 s, half a part on average until it is complete, and the transfer.
 */
const LATENCY_BELOW_S = 3;

test('4 s segments in 0.5 s parts: plain hls.js plays under 3 s behind live from the relay, and ffmpeg plays it', async ({
  startServer,
  viewers,
  pages,
}) => {
  const origin = await PartOrigin.start(60);
  try {
    const server = await startServer({ sources: { live: origin.url }, args: ['--low-latency', 'on'] });
    await server.live('live');
    const url = server.playlistUrl('live');
    // Starts at once. hls.js uses parts only after the first segment with listed parts, and that one is old enough.
    const viewer = await viewers.open('plain', addPlainPage(pages)(url), {
      // Otherwise hls.js never makes up the delay of its first part, whatever the hold-backs say.
      prepare: () => {
        Object.assign(globalThis, { hlsOptions: { lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.2 } });
      },
    });
    await playing([viewer]);
    await playOn([viewer], 12);
    const seen = await viewer.page.evaluate(() => {
      const { hls } = globalThis as unknown as { hls: Hls };
      const asked = performance.getEntriesByType('resource').map(({ name }) => name);
      return {
        latency: (Date.now() - (hls.playingDate?.getTime() ?? 0)) / 1000,
        target: hls.targetLatency,
        parts: asked.filter((name) => /\/\d+\.\d+\.m4s\?/.test(name)).length,
        blocking: asked.filter((name) => name.includes('_HLS_part=')).length,
      };
    });
    console.log(`${seen.latency.toFixed(2)} s behind live, target ${seen.target ?? 0} s`);
    expect.soft(seen.latency, 'seconds behind live').toBeLessThan(LATENCY_BELOW_S);
    // 12 s are 24 parts. The rest of the first segment may be loaded as a whole.
    expect.soft(seen.parts, 'parts that it fetched').toBeGreaterThan(15);
    expect.soft(seen.blocking, 'playlist requests that were held').toBeGreaterThan(15);

    const ffmpeg = new Program({
      name: 'ffmpeg',
      command: ffmpegPath('ffmpeg'),
      args: ['-hide_banner', '-v', 'error', '-xerror', '-i', url, '-t', '8', '-f', 'null', '-'],
    });
    expect(await ffmpeg.exited, ffmpeg.output).toBe('exit code 0');
    expect(ffmpeg.output).toBe('');
    await expectNoStall([viewer]);
  } finally {
    await origin.close();
  }
});
