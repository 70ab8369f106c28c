import { beforeEach, expect, test } from 'vitest';
import { ConfirmedBytes } from './confirmed-bytes.ts';

const HELD = { bytes: 1000, seconds: 10 };
let now: number;
let bytes: ConfirmedBytes;
let confirmed: Record<string, number>;

beforeEach(() => {
  now = 0;
  confirmed = {};
  bytes = new ConfirmedBytes(
    () => now,
    (taker, count) => {
      confirmed[taker] = (confirmed[taker] ?? 0) + count;
    },
  );
  for (const peer of ['ann', 'bob', 'cy']) bytes.joined(peer, HELD);
});

function say(peer: string, neighbours: string[], taken: number, given = 0): void {
  bytes.reported(peer, { neighbours }, taken, given);
}

test('counts the smaller of what one got and the other gave, whichever reports first', () => {
  now = 10_000;
  say('ann', ['bob'], 300);
  expect(confirmed).toEqual({});
  say('bob', ['ann'], 0, 200);
  expect(confirmed).toEqual({ ann: 200 });
  say('bob', ['ann'], 0, 200);
  expect(confirmed).toEqual({ ann: 300 });
  say('ann', ['bob'], 50);
  expect(confirmed).toEqual({ ann: 350 });
});

test.each([
  ['alone', () => undefined],
  [
    'of a viewer that does not name it',
    () => {
      say('bob', ['cy'], 0, 1e6);
    },
  ],
  [
    'of a stranger',
    () => {
      say('mal', ['ann'], 0, 1e6);
    },
  ],
])('the word %s confirms nothing', (_whose, other) => {
  now = 10_000;
  say('ann', ['bob', 'mal', 'ann'], 300, 300);
  other();
  say('ann', ['bob', 'mal', 'ann'], 300, 300);
  expect(confirmed).toEqual({});
});

test('what one gave is counted once, for whichever viewer got it', () => {
  now = 10_000;
  say('cy', ['ann', 'bob'], 0, 100);
  say('ann', ['cy'], 80);
  say('bob', ['cy'], 80);
  expect(confirmed).toEqual({ ann: 80, bob: 20 });
});

test('two that confirm each other get no more than the stream had, at twice its rate', () => {
  say('bob', ['ann'], 0, 1e6);
  say('ann', ['bob'], 1e6);
  expect(confirmed).toEqual({});
  now = 1000;
  say('ann', ['bob'], 0);
  expect(confirmed).toEqual({ ann: 200 });
  now = 60_000;
  say('bob', ['ann'], 0);
  say('ann', ['bob'], 0);
  expect(confirmed, 'all that was held when it joined').toEqual({ ann: 1000 });
  bytes.published(500);
  say('ann', ['bob'], 0);
  expect(confirmed).toEqual({ ann: 1500 });
});

test('a link counts for half a minute after it ended', () => {
  now = 10_000;
  say('ann', ['bob'], 0);
  say('bob', ['ann'], 0);
  now = 30_000;
  say('ann', [], 100);
  say('bob', [], 0, 100);
  expect(confirmed).toEqual({ ann: 100 });
  now = 50_000;
  say('ann', [], 100);
  say('bob', [], 0, 100);
  expect(confirmed).toEqual({ ann: 100 });
});

test('viewers that left confirm nothing', () => {
  now = 10_000;
  say('bob', ['ann'], 0, 100);
  bytes.left('bob');
  say('ann', ['bob'], 100);
  expect(confirmed).toEqual({});
});
