import { expect, it } from 'vitest';
import { nextVersion } from './next-version.ts';

it.each([
  ['patch', '1.2.4'],
  ['minor', '1.3.0'],
  ['major', '2.0.0'],
  ['1.2.3', '1.2.3'],
  ['1.2.4', '1.2.4'],
  ['1.10.0', '1.10.0'],
  ['2.0.0', '2.0.0'],
])('%s after 1.2.3 is %s', (step, version) => {
  expect(nextVersion('1.2.3', step)).toBe(version);
});

it.each(['1.2.2', '1.1.9', '0.9.0', '1.3', 'v1.3.0', '1.3.0-beta', 'Patch', ''])(
  '"%s" after 1.2.3 is refused',
  (step) => {
    expect(nextVersion('1.2.3', step)).toBeUndefined();
  },
);
