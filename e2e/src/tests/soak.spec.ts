import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { SoakSummary } from '../../soak/summary.ts';
import { Program } from '../harness/programs/program.ts';
import { expect, test } from '../harness/test.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

test('three minutes with viewers who come and go, a failing media server and attackers leave nothing behind', async () => {
  test.setTimeout(330_000);
  const json = test.info().outputPath('soak.json');
  const soak = new Program({
    name: 'soak',
    command: process.execPath,
    cwd: ROOT,
    args: [
      ...['--conditions=@freshet/source', '--import', 'tsx', 'e2e/soak/soak.ts'],
      ...['--minutes', '3', '--json', json],
    ],
  });
  try {
    expect(await soak.exited, soak.output).toBe('exit code 0');
  } finally {
    // If the test timed out.
    await soak.stop();
  }
  console.log(soak.output);
  const { summary, attacks } = JSON.parse(await readFile(json, 'utf8')) as {
    readonly summary: SoakSummary;
    readonly attacks: Readonly<Record<string, number>>;
  };
  expect(Math.min(...Object.values(attacks)), 'every attack ran').toBeGreaterThan(0);
  // Two cores play six pages and run the attackers, so a viewer may wait for the processor.
  expect.soft(summary.stalls, 'stalls').toBeLessThanOrEqual(2);
  expect.soft(summary.peerShare).toBeGreaterThan(0.4);
  expect.soft(summary.viewersLeft).toBe(0);
  // A few connections for these figures themselves.
  expect.soft(summary.filesLeft, 'open files of the server').toBeLessThan(5);
  expect.soft(summary.timersLeft, 'timers of the server').toBeLessThan(10);
  expect.soft(summary.pageConnectionsGrown, 'peer connections of the page that stays').toBeLessThan(5);
  expect.soft(summary.pageSocketsGrown, 'WebSockets of the page that stays').toBeLessThan(2);
  expect.soft(summary.pageTimersGrown, 'timers of the page that stays').toBeLessThan(10);
});
