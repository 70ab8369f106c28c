import { expect, it } from 'vitest';
import { runStages, type Stage } from './stages.ts';

const STAGES: readonly Stage[] = [
  { name: 'types', script: 'types' },
  { name: 'unit tests', script: 'unit' },
  { name: 'pages', script: 'build:pages' },
];

async function run(exitCodes: Readonly<Record<string, number>>) {
  let clock = 0;
  const lines: string[] = [];
  const started: string[] = [];
  const runs = await runStages(STAGES, {
    run: (script) => {
      started.push(script);
      clock += script.length * 1000;
      return Promise.resolve(exitCodes[script] ?? 0);
    },
    now: () => clock,
    print: (line) => lines.push(line),
  });
  return { lines, started, runs };
}

it('runs all stages in order and prints the seconds of each', async () => {
  const { lines, started, runs } = await run({});
  expect(started).toEqual(['types', 'unit', 'build:pages']);
  expect(runs.map(({ ms }) => ms)).toEqual([5000, 4000, 11_000]);
  expect(lines).toContain('[2/3] unit tests: passed, 4.0 s');
  expect(lines.at(-1)).toBe(
    `
stage       seconds  result
types           5.0  passed
unit tests      4.0  passed
pages          11.0  passed
total          20.0`,
  );
});

it('stops at the first stage that fails and says how to repeat it', async () => {
  const { lines, started, runs } = await run({ unit: 3 });
  expect(started).toEqual(['types', 'unit']);
  expect(runs.at(-1)?.exitCode).toBe(3);
  expect(lines.at(-2)).toContain(
    `
types           5.0  passed
unit tests      4.0  failed
pages             -  not run
total           9.0`,
  );
  expect(lines.at(-1)).toBe(
    '\nStopped: "unit tests" failed with exit code 3. Repeat it alone with: npm run unit',
  );
});
