/** The checks that every package we publish has to pass, made on the packed one. For its test. */
import { createPackageFromTarballData, checkPackage } from '@arethetypeswrong/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import prettier from 'prettier';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import ts from 'typescript';

/** Our packages are ES modules only: `require` in old Node, and resolution without `exports`, are not checked. */
const JUDGED = new Set(['node16-esm', 'bundler']);

/** publint's messages about a tarball, down to suggestions. Empty: none. */
export async function lintTarball(tarball) {
  const { messages, pkg } = await publint({ pack: { tarball: exactBuffer(tarball) }, strict: true });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

/** The problems that "are the types wrong" finds in a tarball for packages that import it. Empty: none. */
export async function typeProblems(tarball) {
  const checked = await checkPackage(createPackageFromTarballData(tarball));
  if (!checked.types) return ['it has no types'];
  return checked.problems
    .filter((problem) => !('resolutionKind' in problem) || JUDGED.has(problem.resolutionKind))
    .map(({ kind, entrypoint, resolutionKind, fileName }) =>
      [kind, entrypoint, resolutionKind, fileName].filter(Boolean).join(' '),
    );
}

/** Every declaration that a package publishes, without its comments: one page that shows changes of the API. */
export async function apiReport(folder, title, files) {
  const printer = ts.createPrinter({ removeComments: true });
  const parts = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8');
      const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
      return `## \`${file}\`\n\n\`\`\`ts\n${printer.printFile(source)}\`\`\`\n`;
    }),
  );
  const page = `# API of ${title}\n\nWritten by its unit test with \`-u\`; a change here is a change for those who use the package.\n\n${parts.join('\n')}`;
  const config = await prettier.resolveConfig(import.meta.filename);
  return prettier.format(page, { ...config, parser: 'markdown' });
}

function exactBuffer({ buffer, byteOffset, byteLength }) {
  return buffer.slice(byteOffset, byteOffset + byteLength);
}
