import { expect, test } from 'vitest';
import { SCENARIOS, withHomes } from './scenarios.ts';

function named(name: string) {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

test('each scenario has a unique name and six homes', () => {
  expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
  expect(new Set(SCENARIOS.map(({ homes }) => homes.length))).toEqual(new Set([6]));
});

test('a list of changes repeats over the homes', () => {
  expect(named('mixed').homes.map(({ upKbps }) => upKbps)).toEqual([255, 1200, 8500, 255, 1200, 8500]);
  expect(named('thin-downlink').homes.filter(({ downKbps }) => downKbps === 1000)).toHaveLength(1);
});

test('another number of homes takes the first ones, or repeats the list', () => {
  expect(withHomes(named('mixed'), 2).homes.map(({ upKbps }) => upKbps)).toEqual([255, 1200]);
  expect(withHomes(named('mixed'), 8).homes.map(({ upKbps }) => upKbps)).toEqual([
    255, 1200, 8500, 255, 1200, 8500, 255, 1200,
  ]);
});
