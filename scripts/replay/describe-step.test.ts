import { expect, it } from 'vitest';
import { describeStep } from './describe-step.ts';

it('prints the number, the time, the event and each command', () => {
  const step = {
    now: 4500,
    event: { type: 'link-open', peer: 'ben' },
    commands: '[{"type":"forget","segment":"s"},{"type":"bye"}]',
  };
  expect(describeStep({ number: 12, step, decided: undefined }, 1250))
    .toBe(`#12 +3.250 s  link-open {"peer":"ben"}
    > forget {"segment":"s"}
    > bye`);
});
