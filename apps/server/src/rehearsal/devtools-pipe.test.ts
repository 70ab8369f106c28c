import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { DevtoolsPipe } from './devtools-pipe.ts';

function open() {
  const [to, from] = [new PassThrough(), new PassThrough()];
  return { to, from, pipe: new DevtoolsPipe({ to, from }) };
}

it('gives each answer to its question, also when a message arrives in pieces', async () => {
  const { from, pipe } = open();
  const answers = Promise.all([pipe.ask('A', {}), pipe.ask('B', {})]);
  from.write('{"id":2,"result":{"of":"B"}}\0{"id":1,"res');
  from.write('ult":{"of":"A"}}\0{"method":"an event"}\0null\0');
  expect(await answers).toEqual([{ of: 'A' }, { of: 'B' }]);
});

it('rejects with the message of Chromium', async () => {
  const { from, pipe } = open();
  const asked = pipe.ask('A', {});
  from.write('{"id":1,"error":{"message":"no such page"}}\0');
  await expect(asked).rejects.toThrow('A: no such page');
});

it.each([
  ['is not JSON', 'null {\0'],
  ['never ends', 'x'.repeat(1024 * 1024 + 1)],
])('rejects pending and later questions when a message %s', async (_, text) => {
  const { from, pipe } = open();
  const asked = pipe.ask('A', {});
  from.write(text);
  await expect(asked).rejects.toThrow('Chromium exited');
  await expect(pipe.ask('B', {})).rejects.toThrow('Chromium exited');
});
