import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { optionEntries } from './load-config.ts';

const DOCS = new URL('../../../../docs/server.md', import.meta.url);
const [START, END] = ['<!-- options: made from the code -->', '<!-- end of options -->'];

/** The table of all options, as docs/server.md must contain it. */
function optionTable(): string[][] {
  return [
    ['Flag', 'Environment', 'In the file', 'Default', 'What it does'],
    ...optionEntries().map(([name, option]) => [
      `\`${option.flag}\``,
      `\`${option.env}\``,
      `\`${name}\``,
      option.defaultText,
      option.help,
    ]),
  ];
}

function cells(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

// To update the table: UPDATE_DOCS=1 npx vitest run option-docs; then npm run format.
it('docs/server.md lists every option as the code defines it', () => {
  const text = readFileSync(DOCS, 'utf8');
  const [before = '', rest = ''] = text.split(START);
  const [table = '', after = ''] = rest.split(END);
  if (process.env['UPDATE_DOCS'] !== undefined) {
    const [head = [], ...rows] = optionTable();
    const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
    writeFileSync(DOCS, `${before}${START}\n\n${lines.join('\n')}\n\n${END}${after}`);
    return;
  }
  const rows = table.trim().split('\n').map(cells);
  expect(rows.filter((row) => !row.every((cell) => /^-+$/.test(cell)))).toEqual(optionTable());
});
