import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { foldersOf, readWorkspaces, type Workspace } from './workspaces.ts';

const WORKSPACES: readonly Workspace[] = [
  { name: '@x/core', folder: 'packages/core', uses: ['valibot'] },
  { name: '@x/client', folder: 'packages/client', uses: ['@x/core', '@x/client'] },
  { name: '@x/pages', folder: 'apps/pages', uses: ['@x/client', 'hls.js'] },
  { name: '@x/server', folder: 'apps/server', uses: ['@x/core'] },
];

it('a workspace is affected by those that it imports, directly or indirectly', () => {
  expect([...foldersOf(WORKSPACES, 'apps/pages')]).toEqual([
    'apps/pages',
    'packages/client',
    'packages/core',
  ]);
  expect([...foldersOf(WORKSPACES, 'apps/server')]).toEqual(['apps/server', 'packages/core']);
});

it('an unknown folder is affected by nothing', () => {
  expect(foldersOf(WORKSPACES, 'apps/other').size).toBe(0);
});

it('reads the manifests of this repository', () => {
  const workspaces = readWorkspaces(fileURLToPath(new URL('../../', import.meta.url)));
  const server = foldersOf(workspaces, 'apps/server');
  expect(server).toContain('packages/swarm');
  expect(server).not.toContain('apps/viewer');
  expect(foldersOf(workspaces, 'apps/viewer')).toContain('packages/client');
});
