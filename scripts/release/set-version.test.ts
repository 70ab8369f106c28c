import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { setVersion } from './set-version.ts';

function changed(manifest: object): unknown {
  return JSON.parse(setVersion(JSON.stringify(manifest), '2.0.0'));
}

it('sets the version of our packages and of their dependencies on each other', () => {
  expect(
    changed({
      name: '@freshet/client',
      version: '1.0.0',
      dependencies: { '@freshet/protocol': '1.0.0', valibot: '1.0.0' },
      devDependencies: { '@freshet/testkit': '^1.0.0' },
    }),
  ).toEqual({
    name: '@freshet/client',
    version: '2.0.0',
    dependencies: { '@freshet/protocol': '2.0.0', valibot: '1.0.0' },
    devDependencies: { '@freshet/testkit': '^2.0.0' },
  });
});

it('leaves other packages, links and manifests without a version alone', () => {
  const others = [
    { name: 'rivals', version: '1.0.0' },
    { name: 'freshet-examples', dependencies: { '@freshet/client': 'file:../client' } },
    { name: '@freshet/none' },
  ];
  expect(others.map(changed)).toEqual(others);
});

it('sets both in a lock file', () => {
  expect(
    changed({
      name: 'freshet',
      version: '1.0.0',
      packages: {
        '': { name: 'freshet', version: '1.0.0' },
        'packages/client': { name: '@freshet/client', version: '1.0.0', dependencies: { hls: '1.0.0' } },
        'node_modules/@freshet/client': { resolved: 'packages/client', link: true },
        'node_modules/@freshet/player': { version: '1.0.0', dependencies: { '@freshet/client': '^1.0.0' } },
        'node_modules/hls': { version: '1.0.0' },
      },
    }),
  ).toEqual({
    name: 'freshet',
    version: '2.0.0',
    packages: {
      '': { name: 'freshet', version: '2.0.0' },
      'packages/client': { name: '@freshet/client', version: '2.0.0', dependencies: { hls: '1.0.0' } },
      'node_modules/@freshet/client': { resolved: 'packages/client', link: true },
      'node_modules/@freshet/player': { version: '2.0.0', dependencies: { '@freshet/client': '^2.0.0' } },
      'node_modules/hls': { version: '1.0.0' },
    },
  });
});

it.each(['package.json', 'package-lock.json', 'packages/client/package.json', 'examples/package-lock.json'])(
  '%s of this repository keeps its form',
  (file) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    const [, version = ''] =
      /"@freshet\/[a-z]+": "\^?(\d+\.\d+\.\d+)"/.exec(text) ?? /"version": "(.*)"/.exec(text) ?? [];
    expect(setVersion(text, version)).toBe(text);
  },
);
