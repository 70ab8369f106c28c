import { expect, test } from 'vitest';
import { GRACE_MS, Tickets } from './tickets.ts';

const T0 = 1_800_000_000_000;

function make(secret: string | null = 'x'.repeat(32)) {
  const clock = { now: T0 };
  return { clock, tickets: new Tickets(secret ?? undefined, () => clock.now) };
}

test('all viewers get the same ticket for ten seconds, and it is valid for about a minute', () => {
  const { clock, tickets } = make();
  const ticket = tickets.issue('live', 'media');
  clock.now += 9999;
  expect(tickets.issue('live', 'media')).toBe(ticket);
  expect(tickets.check(ticket, 'live', 'media')).toBe(50_001);
  clock.now += 1;
  expect(tickets.issue('live', 'media')).not.toBe(ticket);
  clock.now = T0 + 60_000;
  expect(tickets.check(ticket, 'live', 'media')).toBeUndefined();
});

test('a ticket is for one stream and one use', () => {
  const { tickets } = make();
  const ticket = tickets.issue('live', 'media');
  expect(tickets.check(ticket, 'other', 'media')).toBeUndefined();
  expect(tickets.check(ticket, 'live', 'init')).toBeUndefined();
});

test('servers with one secret accept one another’s tickets; without a secret each has its own', () => {
  const ticket = make('a'.repeat(32)).tickets.issue('live', 'media');
  expect(make('a'.repeat(32)).tickets.check(ticket, 'live', 'media')).toBeDefined();
  expect(make('b'.repeat(32)).tickets.check(ticket, 'live', 'media')).toBeUndefined();
  const own = make(null).tickets;
  expect(own.check(own.issue('live', 'media'), 'live', 'media')).toBeDefined();
  expect(make(null).tickets.check(own.issue('live', 'media'), 'live', 'media')).toBeUndefined();
});

test('a revocation voids older tickets of its stream after the grace, however often it is repeated', () => {
  const { clock, tickets } = make();
  const before = tickets.issue('live', 'media');
  const elsewhere = tickets.issue('other', 'media');
  tickets.void('live');
  const between = tickets.issue('live', 'media');
  expect(between).not.toBe(before);
  clock.now += GRACE_MS - 1;
  tickets.void('live');
  expect(tickets.check(before, 'live', 'media')).toBeDefined();
  clock.now += 1;
  expect(tickets.check(before, 'live', 'media')).toBeUndefined();
  expect(tickets.check(between, 'live', 'media')).toBeDefined();
  clock.now += GRACE_MS;
  expect(tickets.check(between, 'live', 'media')).toBeUndefined();
  expect(tickets.check(tickets.issue('live', 'media'), 'live', 'media')).toBeDefined();
  expect(tickets.check(elsewhere, 'other', 'media')).toBeDefined();
});
