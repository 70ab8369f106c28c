/** `npm run bench:swarm`: what the swarm saves, and what it costs the viewer, side by side with plain hls.js. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { PageServer } from '../src/harness/page-server.ts';
import { addPlainPage } from '../src/harness/plain-page.ts';
import { makeClip, SEGMENT_SECONDS } from './clip.ts';
import { addEnginePage } from './engine-page.ts';
import type { GroupResult } from './group-result.ts';
import { type BenchOptions, readOptions, USAGE } from './options.ts';
import { runGroup } from './run-group.ts';
import { summarise, table } from './summary.ts';

const RESULTS = fileURLToPath(new URL('../../bench-results/', import.meta.url));

async function bench(options: BenchOptions): Promise<void> {
  const { viewers, seconds, runs } = options;
  // The window at the start, the joins, the stay, and a minute for slow machines.
  const clip = await makeClip(10 * SEGMENT_SECONDS + viewers + seconds + 60);
  console.log(
    `${viewers} viewers join a second apart and stay ${seconds} s; ${clip.kbps.toFixed(0)} kbit/s, ${SEGMENT_SECONDS} s segments, 10 in the playlist`,
  );
  const pages = await PageServer.start();
  const plainPage = addPlainPage(pages);
  const enginePage = await addEnginePage(pages);
  const plain: GroupResult[] = [];
  const freshet: GroupResult[] = [];
  try {
    for (let run = 1; run <= runs; run++) {
      console.log(`run ${run} of ${runs}: plain hls.js …`);
      plain.push(
        await runGroup({
          ...options,
          clip,
          engine: 'plain',
          page: (server, stream) => plainPage(`${server}live/${stream}/index.m3u8`),
        }),
      );
      console.log(`run ${run} of ${runs}: Freshet …`);
      freshet.push(
        await runGroup({
          ...options,
          clip,
          engine: 'freshet',
          page: (server, stream) => enginePage.url(`${server}live/${stream}/index.m3u8`),
        }),
      );
    }
  } finally {
    await pages.close();
    await enginePage.remove();
  }
  const summary = { plain: summarise(plain), freshet: summarise(freshet) };
  console.log(`\n${table(summary.plain, summary.freshet, viewers)}\n`);

  await mkdir(RESULTS, { recursive: true });
  const file = `${RESULTS}swarm-${new Date().toISOString().replaceAll(':', '-')}.json`;
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  const document = {
    options,
    clipKbps: clip.kbps,
    segmentSeconds: SEGMENT_SECONDS,
    machine,
    summary,
    plain,
    freshet,
  };
  await writeFile(file, `${JSON.stringify(document, undefined, 2)}\n`);
  console.log(`written to ${file}`);
}

let options: BenchOptions | 'help';
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exit(2);
}
if (options === 'help') console.log(USAGE);
else await bench(options);
