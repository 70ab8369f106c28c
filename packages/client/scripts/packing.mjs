/** The steps of packing that all packages we publish share. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Copies a declaration file, and those it imports, from `from` to `to`.
 * @param packages the packages that declarations may name: those that every user of ours has installed.
 * @throws Error when a declaration names another package.
 */
export async function copyDeclarations({ from, to, packages }, file, done = new Set()) {
  if (done.has(file)) return;
  done.add(file);
  const text = await readFile(join(from, file), 'utf8');
  const imports = [...text.matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)].map((match) => match[1]);
  const foreign = imports.filter((name) => !name.startsWith('./') && !packages.includes(name));
  if (foreign.length > 0)
    throw new Error(`${file} imports ${foreign.join(', ')}: the declarations must stand alone`);
  await mkdir(to, { recursive: true });
  await writeFile(
    join(to, file),
    text.replace(/(from\s*['"]\.\/[^'"]+)\.ts(['"])/g, '$1.js$2').replace(/\/\/# sourceMappingURL=.*\n?/, ''),
  );
  for (const name of imports.filter((other) => other.startsWith('./')))
    await copyDeclarations({ from, to, packages }, name.slice(2).replace(/\.[jt]s$/, '.d.ts'), done);
}

/**
 * Version and licence text of each bundled package, as their licences require.
 * @throws Error when a package is not installed or has no licence text.
 */
export async function notices(names, roots) {
  const parts = await Promise.all(
    names.map(async (name) => {
      const folder = roots.map((base) => join(base, 'node_modules', name)).find((path) => existsSync(path));
      if (folder === undefined) throw new Error(`${name} is not installed`);
      const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      const texts = await Promise.all(
        ['LICENSE', 'LICENSE.md'].map((file) => readFile(join(folder, file), 'utf8').catch(() => '')),
      );
      const text = texts.find((candidate) => candidate !== '');
      if (text === undefined) throw new Error(`${name} has no licence text`);
      return `${name} ${version}\n\n${text.trim()}\n`;
    }),
  );
  return `This package contains the following.\n\n${parts.join(`\n${'-'.repeat(72)}\n\n`)}`;
}
