import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { AuditLog } from './audit-log.ts';

const log = pino({ level: 'silent' });
let folder: string;
let now = 0;
const open = () => AuditLog.open({ dataDir: folder, wallClock: () => now, log });

beforeEach(async () => {
  now = 0;
  folder = await mkdtemp(path.join(tmpdir(), 'freshet-audit-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

it('rotates its file, and keeps five', async () => {
  const audit = await open();
  const stream = 'x'.repeat(100_000);
  for (let i = 0; i < 80; i++) audit.add({ network: '10.0.0.0/24', action: 'add-stream', stream });
  await audit.written;
  const files = (await readdir(folder)).toSorted();
  expect(files).toEqual(['audit.1.jsonl', 'audit.2.jsonl', 'audit.3.jsonl', 'audit.4.jsonl', 'audit.jsonl']);
  for (const file of files) expect((await stat(path.join(folder, file))).size).toBeLessThan(1_100_000);
});

it('continues after a line that is cut off, with ids that grow', async () => {
  const audit = await open();
  audit.add({ network: '10.0.0.0/24', action: 'sign-in' });
  await audit.written;
  await writeFile(path.join(folder, 'audit.jsonl'), '\n{"id":7,"at":', { flag: 'a' });
  const again = await open();
  again.add({ network: '10.0.0.0/24', action: 'sign-out' });
  await again.written;
  expect((await open()).page().entries.length).toBe(2);
  expect(again.page().entries.map(({ id, action }) => [id, action])).toEqual([
    [2, 'sign-out'],
    [1, 'sign-in'],
  ]);
});

it('keeps the last thousand in memory', async () => {
  const audit = await AuditLog.open({ dataDir: undefined, wallClock: () => 0, log });
  for (let i = 0; i < 1500; i++) audit.add({ network: '', action: 'sign-in' });
  let shown = 0;
  for (let page = audit.page(); ; page = audit.page(page.entries.at(-1)?.id)) {
    shown += page.entries.length;
    if (!page.more) break;
  }
  expect(shown).toBe(1000);
});

it('makes one entry of many refused sign-ins', async () => {
  const audit = await open();
  for (let i = 0; i < 30; i++) audit.addRefused('10.0.0.0/24');
  now += 600_000;
  audit.addRefused('10.0.1.0/24');
  expect(audit.page().entries).toMatchObject([
    { network: '10.0.1.0/24', after: { moreBefore: 29 } },
    { network: '10.0.0.0/24' },
  ]);
  await audit.written;
});
