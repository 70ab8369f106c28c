import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = new URL('../', import.meta.url);
const PATH = /`((?:packages|apps|e2e|docs|examples)\/[A-Za-z0-9_./-]+)`/g;

/** Every path that a page names between backquotes. */
function pathsIn(page: string): string[] {
  const text = readFileSync(new URL(page, root), 'utf8');
  return [...text.matchAll(PATH)].map(([, path = '']) => path);
}

describe.each(['ARCHITECTURE.md', 'README.md'])('%s', (page) => {
  it('names only files and folders that exist', () => {
    const missing = pathsIn(page).filter((path) => !existsSync(fileURLToPath(new URL(path, root))));
    expect(missing).toEqual([]);
  });
});

it('ARCHITECTURE.md walks through the code, file by file', () => {
  expect(pathsIn('ARCHITECTURE.md').filter((path) => path.endsWith('.ts')).length).toBeGreaterThan(20);
});
