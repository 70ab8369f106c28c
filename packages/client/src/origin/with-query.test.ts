import { expect, test } from 'vitest';
import { withQuery } from './with-query.ts';

test.each([
  ['https://cdn/a.ts', '', 'https://cdn/a.ts'],
  ['https://cdn/a.ts?sig=a+b%2F', '', 'https://cdn/a.ts?sig=a+b%2F'],
  ['https://cdn/a.ts', 'token=x', 'https://cdn/a.ts?token=x'],
  ['https://cdn/a.ts?v=2', '?token=x&t=1', 'https://cdn/a.ts?v=2&token=x&t=1'],
  ['https://cdn/a.ts?token=server&v=2', 'token=mine', 'https://cdn/a.ts?token=mine&v=2'],
  ['no address', 'token=x', 'no address'],
])('%s with %s is %s', (url, query, expected) => {
  expect(withQuery(url, query)).toBe(expected);
});
