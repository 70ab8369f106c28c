import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { OpenResponses } from './open-responses.ts';

const response = () => new ServerResponse(new IncomingMessage(new Socket()));

it('resolves at once when no response is open', async () => {
  expect(await new OpenResponses().settle(60_000)).toBe(0);
});

it('resolves when the last response closes', async () => {
  const open = new OpenResponses();
  const [one, other] = [response(), response()];
  open.track(one);
  open.track(other);
  const settled = open.settle(60_000);
  one.emit('close');
  expect(open.size).toBe(1);
  other.emit('close');
  expect(await settled).toBe(0);
});

it('gives up after the timeout and returns the number of open responses', async () => {
  const open = new OpenResponses();
  open.track(response());
  expect(await open.settle(1)).toBe(1);
});
