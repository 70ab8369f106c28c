import { expect, it } from 'vitest';
import { HELP, readOptions } from './options.ts';

it('takes a run apart', () => {
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

it('runs every scenario that its help lists', () => {
  const { scenarios } = readOptions(['--all']);
  expect(scenarios).toContain('flash-crowd');
  for (const name of scenarios) expect(HELP).toContain(`\n  ${name} `);
});

it.each([
  ['--scenario calm', 'no scenario calm; there are steady,'],
  ['--scenario toString', 'no scenario toString'],
  ['--viewers 1', '--viewers is a whole number from 2 to 100000, not "1"'],
  ['--seconds 19.5', '--seconds is a whole number'],
  ['--seed=', '--seed is a whole number'],
  ['--all --plot all.svg', '--plot draws one scenario'],
  ['--colour', "Unknown option '--colour'"],
])('says what is wrong with %s', (args, message) => {
  expect(() => readOptions(args.split(' '))).toThrow(message);
});
