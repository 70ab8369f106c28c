import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StateFile } from './state-file.ts';

const numbering = { msnOffset: 7, timelineOffset: -1, highest: { msn: 41, timeline: 2 } };
let folder: string;
let logged: string[];
const open = (name = 'state.json') =>
  StateFile.open(join(folder, name), pino({ level: 'warn' }, { write: (line: string) => logged.push(line) }));

beforeEach(async () => {
  logged = [];
  folder = await mkdtemp(join(tmpdir(), 'freshet-state-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('returns what was saved, and leaves no other file behind', async () => {
  const state = await open();
  expect(state.get('live')).toBeUndefined();
  state.set('live', { ...numbering, msnOffset: 1 });
  state.set('live', numbering);
  state.set('constructor', numbering);
  await Promise.all([state.flush(), state.flush()]);
  expect((await open()).get('live')).toEqual(numbering);
  expect((await open()).get('constructor')).toEqual(numbering);
  expect((await open()).get('prototype')).toBeUndefined();
  expect(await readdir(folder)).toEqual(['state.json']);
  expect(logged).toEqual([]);
});

it.each(['', '{"live":', '7', '{"live":{"msnOffset":"7"}}', '{"live":null}', '{"../x":{}}'])(
  'starts over with a file of %j, and logs it',
  async (text) => {
    await writeFile(join(folder, 'state.json'), text);
    expect((await open()).get('live')).toBeUndefined();
    expect(logged.length).toBe(1);
  },
);

it('continues when it cannot write, and logs it', async () => {
  const state = await open('none/state.json');
  state.set('live', numbering);
  await state.flush();
  expect(state.get('live')).toEqual(numbering);
  expect(logged.some((line) => line.includes('cannot write'))).toBe(true);
  expect(await readFile(join(folder, 'state.json'), 'utf8').catch(() => 'none')).toBe('none');
});
