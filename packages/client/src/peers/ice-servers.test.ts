import { expect, test } from 'vitest';
import { directServers, hasRelays } from './ice-servers.ts';

const login = { username: 'u', credential: 'p' };

test('C1: looks for a direct path by STUN, which TURN servers answer, too', () => {
  const servers = [
    { urls: 'stun:a.example:3478' },
    { urls: 'turn:b.example:3478', ...login },
    { urls: 'turn:[2001:db8::1]:3478?transport=udp', ...login },
    { urls: 'turn:c.example:3478?transport=tcp', ...login },
    { urls: 'turns:d.example:5349', ...login },
  ];
  expect(directServers(servers)).toEqual([
    { urls: 'stun:a.example:3478' },
    { urls: 'stun:b.example:3478' },
    { urls: 'stun:[2001:db8::1]:3478' },
    { urls: 'stun:c.example:3478' },
    { urls: 'stun:d.example:5349' },
  ]);
});

test('detects whether the servers include a relay', () => {
  expect(hasRelays([{ urls: 'stun:a.example' }])).toBe(false);
  expect(hasRelays([{ urls: 'stun:a.example' }, { urls: 'turns:b.example', ...login }])).toBe(true);
});
