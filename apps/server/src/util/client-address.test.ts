import { describe, expect, it } from 'vitest';
import { clientAddress, type ProxyTrust, trustRanges } from './client-address.ts';

const at = (forwarded: string | string[] | undefined, trust: ProxyTrust, address = '10.0.0.1') =>
  clientAddress({ address, headers: { 'x-forwarded-for': forwarded } }, trust);

describe('clientAddress', () => {
  it('is the connection’s unless a proxy is trusted', () => {
    expect(at('198.51.100.1', 0)).toBe('10.0.0.1');
    expect(at(undefined, 2)).toBe('10.0.0.1');
    expect(at('198.51.100.1', trustRanges(['192.168.0.0/16']))).toBe('10.0.0.1');
    expect(at(undefined, 0, '::ffff:10.0.0.1')).toBe('10.0.0.1');
  });

  it('counts hops from the server', () => {
    const way = '6.6.6.6, 198.51.100.1,203.0.113.9';
    expect(at(way, 1)).toBe('203.0.113.9');
    expect(at(way, 2)).toBe('198.51.100.1');
    expect(at(['6.6.6.6', '198.51.100.1'], 1)).toBe('198.51.100.1');
    expect(at('198.51.100.1', 5)).toBe('198.51.100.1');
    expect(at('198.51.100.1, ,', 1)).toBe('198.51.100.1');
  });

  it('walks back through trusted addresses and stops at the first other', () => {
    const trust = trustRanges(['10.0.0.0/8', 'fd00::/8', '192.0.2.7']);
    expect(at('6.6.6.6, 198.51.100.1, 10.9.9.9, fd00::5, 192.0.2.7', trust)).toBe('198.51.100.1');
    expect(at('6.6.6.6', trust, '::ffff:10.0.0.1')).toBe('6.6.6.6');
    expect(at('6.6.6.6', trust, '192.0.2.8')).toBe('192.0.2.8');
    expect(at('10.1.1.1', trust)).toBe('10.1.1.1');
  });

  it('reads addresses with ports', () => {
    expect(at('203.0.113.9:4711', 1)).toBe('203.0.113.9');
    expect(at('[2001:db8::1]:443', 1)).toBe('2001:db8::1');
    expect(at('[2001:db8::1]', 1)).toBe('2001:db8::1');
  });

  it('never takes text for an address', () => {
    for (const text of ['unknown', '<script>', '1', '1.2.3', '_hidden', '999.1.1.1', '127.1'])
      expect(at(text, 1), text).toBe('10.0.0.1');
    expect(at('203.0.113.9, unknown', 2)).toBe('10.0.0.1');
  });
});

it('refuses ranges that are none', () => {
  for (const range of ['x', '10.0.0.0/33', '', '10.0.0/8/8'])
    expect(() => trustRanges([range]), range).toThrow();
});
