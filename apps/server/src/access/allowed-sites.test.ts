import { expect, test } from 'vitest';
import { AllowedSites } from './allowed-sites.ts';

test('without a list, all sites are allowed', () => {
  const sites = new AllowedSites([], undefined);
  expect(sites.allows('https://anywhere.example', 'host')).toBe(true);
  expect(sites.ancestors).toEqual(['*']);
});

test.each([
  ['https://tv.example.org', true],
  ['https://own.example.org', true],
  ['http://host:8080', true],
  [undefined, true],
  ['http://tv.example.org', false],
  ['https://tv.example.org.evil.example', false],
  ['https://eviltv.example.org', false],
  ['http://host:8080.evil.example', false],
  ['null', false],
  ['', false],
])('with a list, %s: %s', (site, allowed) => {
  const sites = new AllowedSites(['https://tv.example.org'], 'https://own.example.org');
  expect(sites.allows(site, 'host:8080')).toBe(allowed);
  expect(sites.ancestors).toEqual(["'self'", 'https://tv.example.org', 'https://own.example.org']);
});
