import { expect, test } from 'vitest';
import { STREAM_STATES, stateLabel } from './stream-state.ts';

test('every state has a label', () => {
  expect(new Set(STREAM_STATES.map(stateLabel)).size).toBe(STREAM_STATES.length);
});
