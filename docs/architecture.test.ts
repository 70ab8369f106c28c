import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pagesIn, root } from './pages.ts';

/** Also matches a path as the argument of a command. */
const PATH = /`(?:npx vitest run )?((?:packages|apps|e2e|docs|scripts|examples)\/[A-Za-z0-9_./-]+)`/g;

/** Folders that a build or a test run writes; a fresh clone has none of them. */
const OUTPUT = /\/(?:dist|results)\//;

/** Every path that a page names between backquotes, except output folders. */
function pathsIn(page: string): string[] {
  return [...readFileSync(join(root, page), 'utf8').matchAll(PATH)]
    .map(([, path = '']) => path)
    .filter((path) => !OUTPUT.test(path));
}

describe.each(pagesIn('.'))('%s', (page) => {
  it('names only files and folders that exist', () => {
    expect(pathsIn(page).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

it('ARCHITECTURE.md names more than 20 source files', () => {
  expect(pathsIn('ARCHITECTURE.md').filter((path) => path.endsWith('.ts')).length).toBeGreaterThan(20);
});
