import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { ROUTES, splitRoute } from './routes.ts';
import { DEFAULT_SHARING, SharingInput } from './sharing.ts';

const page = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');

test('docs/api.md lists every route and no other', () => {
  const listed = [...page.matchAll(/^\| `([A-Z]+) \/control(\/[^`?]+)/gm)].map(
    ([, method = '', path = '']) => `${method} ${path}`,
  );
  expect(listed.toSorted()).toEqual(Object.keys(ROUTES).toSorted());
});

test('every route has a known method and a path', () => {
  for (const route of Object.keys(ROUTES)) {
    const { method, path } = splitRoute(route);
    expect(`${method.toUpperCase()} ${path}`).toBe(route);
  }
  expect(() => splitRoute('HEAD /overview')).toThrow('Not a route');
});

test('a sharing policy without fields is the default policy', () => {
  expect(v.parse(SharingInput, {})).toEqual(DEFAULT_SHARING);
});

test('an ignored body is dropped', () => {
  expect(v.safeParse(ROUTES['GET /overview'].body, { some: 'thing' })).toMatchObject({ output: undefined });
});
