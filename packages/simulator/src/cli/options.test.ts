import { expect, it } from 'vitest';
import { ALL_SCENARIOS, HELP, readOptions, sizeOf } from './options.ts';

it('reads the options of a run', () => {
  const args = '--viewers 300 --scenario churn --seconds 60 --seed 7 --plot churn.svg'.split(' ');
  expect(readOptions(args)).toEqual({
    viewers: 300,
    seconds: 60,
    seed: 7,
    scenarios: ['churn'],
    plot: 'churn.svg',
    json: false,
    help: false,
  });
});

it('takes the size of a run from the scenario unless the options set it', () => {
  const { scenarios, viewers, seconds } = readOptions(['--lab']);
  expect([viewers, seconds]).toEqual([undefined, undefined]);
  for (const name of scenarios) {
    expect(HELP).toContain(`\n  ${name} `);
    expect(sizeOf(ALL_SCENARIOS[name] ?? {}, { viewers, seconds })).toEqual({ viewers: 6, seconds: 65 });
  }
  expect(sizeOf({}, { viewers: 7, seconds })).toEqual({ viewers: 7, seconds: 120 });
});

it('runs every scenario that its help lists', () => {
  const { scenarios } = readOptions(['--all']);
  expect(scenarios).toContain('flash-crowd');
  for (const name of scenarios) expect(HELP).toContain(`\n  ${name} `);
});

it.each([
  ['--scenario calm', 'unknown scenario calm; choose from steady,'],
  ['--scenario toString', 'unknown scenario toString'],
  ['--viewers 1', '--viewers must be a whole number from 2 to 100000, not "1"'],
  ['--seconds 19.5', '--seconds must be a whole number'],
  ['--seed=', '--seed must be a whole number'],
  ['--all --plot all.svg', '--plot takes a single scenario'],
  ['--colour', "Unknown option '--colour'"],
])('reports what is wrong with %s', (args, message) => {
  expect(() => readOptions(args.split(' '))).toThrow(message);
});
