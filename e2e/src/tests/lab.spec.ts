import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { LabResult } from '../../lab/group-result.ts';
import type { LabSummary } from '../../lab/summary.ts';
import { findNetworkTool, findTurnServer, labObstacle } from '../../setup/tools.mjs';
import { Program } from '../harness/programs/program.ts';
import { expect, test } from '../harness/test.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const HOMES = 4;
const STAY_SECONDS = 25;

const obstacle =
  labObstacle() ??
  (findTurnServer() !== undefined && findNetworkTool('gcc') !== undefined
    ? undefined
    : 'coturn or gcc is missing: npm run setup');
test.skip(obstacle !== undefined, `the lab of home lines is skipped here: ${obstacle ?? ''}`);

test('uplinks of three times the bitrate: a large share comes from peers, no viewer stalls, and calls are undisturbed', async () => {
  const { summary, results } = await runLab('uplink-3', '--call');
  expectNoStall(summary);
  expect(summary.swarm.offload).toBeGreaterThan(0.4);
  expect(summary.call.loss).toBeLessThan(0.05);
  // The scenario's round trip is 40 ms. A shorter or longer one means that the lab does not carry packets as
  // configured.
  for (const { roundTripMs } of results.flatMap(({ total }) => total.calls)) {
    expect(roundTripMs.least).toBeGreaterThanOrEqual(40);
    expect(roundTripMs.least).toBeLessThan(46);
  }
});

test('a line that carries nothing for 5 s: its viewer waits for a moment at most and shares again, no other stalls', async () => {
  const { results } = await runLab('cut');
  const visits = results[0]?.visits ?? [];
  expect(visits).toHaveLength(HOMES);
  for (const { seat, stalledMs, selfReported } of visits) {
    // Just before a segment arrives, a viewer has little more than 5 s of media ahead.
    expect(stalledMs, `stall of home ${seat}`).toBeLessThan(seat === 1 ? 1500 : 1);
    expect(selfReported).toMatchObject({ state: 'swarming', stateCode: 'joined', neighbours: HOMES - 1 });
  }
});

test('symmetric NATs: viewers feed one another through TURN, without a stall', async () => {
  const { summary } = await runLab('symmetric');
  expectNoStall(summary);
  expect(summary.swarm.offload).toBeGreaterThan(0.3);
});

test('routers that drop UDP: viewers feed one another through TURN over TCP, without a stall', async () => {
  const { summary } = await runLab('no-udp');
  expectNoStall(summary);
  expect(summary.swarm.offload).toBeGreaterThan(0.3);
});

function expectNoStall({ swarm }: LabSummary): void {
  expect(swarm.visits).toBe(HOMES);
  expect(swarm.stalls, 'stalls').toBe(0);
}

/** Runs one audience of Freshet in its own process, which enters the lab's namespaces. */
async function runLab(
  scenario: string,
  ...options: readonly string[]
): Promise<{ readonly summary: LabSummary; readonly results: readonly LabResult[] }> {
  test.setTimeout(150_000);
  const json = test.info().outputPath('lab.json');
  const lab = new Program({
    name: 'lab',
    command: process.execPath,
    cwd: ROOT,
    args: [
      ...['--conditions=@freshet/source', '--import', 'tsx', 'e2e/lab/lab.ts'],
      ...['--scenario', scenario, '--engines', 'freshet', '--homes', String(HOMES)],
      ...['--seconds', String(STAY_SECONDS), '--json', json, ...options],
    ],
  });
  try {
    expect(await lab.exited, lab.output).toBe('exit code 0');
  } finally {
    // If the test timed out.
    await lab.stop();
  }
  console.log(lab.output);
  const { summaries, results } = JSON.parse(await readFile(json, 'utf8')) as {
    readonly summaries: readonly LabSummary[];
    readonly results: readonly LabResult[];
  };
  const [summary] = summaries;
  if (summary === undefined) throw new Error('the lab wrote no summary');
  return { summary, results };
}
