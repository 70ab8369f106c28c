import { expect, it } from 'vitest';
import { shortError } from './short-error.ts';

it('shows the message, the code and the place, and nothing else', () => {
  const error = Object.assign(new Error('Parse Error'), {
    code: 'HPE_INVALID_METHOD',
    rawPacket: Buffer.from('Cookie: secret'),
    body: '{"token":"secret"}',
  });
  const shown = shortError(error);
  expect(shown).toMatchObject({ type: 'Error', message: 'Parse Error', code: 'HPE_INVALID_METHOD' });
  expect(shown.stack).toContain('short-error.test.ts');
  expect(JSON.stringify(shown)).not.toContain('secret');
});

it('bounds what a stranger can put into it', () => {
  const long = 'x'.repeat(100_000);
  const error = new Error(`${long}\n    at ${long}`);
  error.name = long;
  expect(JSON.stringify(shortError(error)).length).toBeLessThan(3000);
  expect(shortError(long).message.length).toBe(201);
  expect(shortError(undefined)).toEqual({ type: 'undefined', message: 'undefined' });
});
