import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { watchFolders } from './watch-folders.ts';

function watched() {
  const root = mkdtempSync(path.join(tmpdir(), 'freshet-watch-'));
  mkdirSync(path.join(root, 'src/inner'), { recursive: true });
  mkdirSync(path.join(root, 'src/dist'));
  const write = (name: string) => {
    writeFileSync(path.join(root, name), 'text');
  };
  write('src/inner/a.ts');
  const changes = new Set<string>();
  const stop = watchFolders(root, ['src'], (file) => changes.add(file));
  onTestFinished(() => {
    stop();
    rmSync(root, { recursive: true });
  });
  const reported = async (file: string) => {
    await vi.waitFor(
      () => {
        expect(changes).toContain(file);
      },
      { timeout: 5000 },
    );
    changes.clear();
  };
  return { root, write, changes, reported };
}

it('reports a file each time that it is written, replaced or removed', async () => {
  const { root, write, reported } = watched();
  write('src/inner/a.ts');
  await reported('src/inner/a.ts');
  for (let save = 0; save < 3; save++) {
    write('src/inner/a.ts.new~');
    renameSync(path.join(root, 'src/inner/a.ts.new~'), path.join(root, 'src/inner/a.ts'));
    await reported('src/inner/a.ts');
  }
  rmSync(path.join(root, 'src/inner/a.ts'));
  await reported('src/inner/a.ts');
});

it('watches folders that are created later', async () => {
  const { root, write, reported } = watched();
  mkdirSync(path.join(root, 'src/later'));
  await reported('src/later');
  write('src/later/b.ts');
  await reported('src/later/b.ts');
});

it('ignores tests, built files and hidden files', async () => {
  const { write, changes, reported } = watched();
  write('src/dist/c.js');
  write('src/inner/a.test.ts');
  write('src/inner/.a.ts.swp');
  write('src/inner/d.ts');
  await vi.waitFor(() => {
    expect(changes).toContain('src/inner/d.ts');
  });
  expect([...changes]).toEqual(['src/inner/d.ts']);
  await reported('src/inner/d.ts');
});
