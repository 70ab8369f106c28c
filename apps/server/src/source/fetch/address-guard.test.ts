import { describe, expect, it } from 'vitest';
import { AddressGuard, addressReach } from './address-guard.ts';

describe('addressReach', () => {
  it.each([
    ['93.184.216.34', 'public'],
    ['2606:2800:220:1::1', 'public'],
    ['::ffff:93.184.216.34', 'public'],
    ['127.0.0.1', 'private'],
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.0.1', 'private'],
    ['100.64.0.1', 'private'],
    ['0.0.0.0', 'private'],
    ['255.255.255.255', 'private'],
    ['::1', 'private'],
    ['::', 'private'],
    ['fd00::1', 'private'],
    ['::ffff:127.0.0.1', 'private'],
    ['::ffff:7f00:1', 'private'],
    ['64:ff9b::7f00:1', 'private'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1', 'link-local'],
    ['::ffff:169.254.169.254', 'link-local'],
    ['::ffff:a9fe:a9fe', 'link-local'],
  ])('%s is %s', (address, reach) => {
    expect(addressReach(address)).toBe(reach);
  });
});

describe('AddressGuard', () => {
  it('keeps a public source from private addresses, by address and by name', () => {
    const guard = new AddressGuard('https://93.184.216.34/live.m3u8');
    for (const url of [
      'http://127.0.0.1/',
      'http://[::1]:6379/',
      'http://0x7f.1/',
      'http://169.254.169.254/',
    ])
      expect(() => {
        guard.checkUrl(url);
      }).toThrow(expect.objectContaining({ reason: 'address' }) as Error);
    expect(guard.allows('internal.example', '10.0.0.1')).toBe(false);
    expect(guard.allows('cdn.example', '93.184.216.35')).toBe(true);
  });

  it('learns the address of a named source, and allows others of its class', () => {
    const guard = new AddressGuard('http://encoder.example/live.m3u8');
    expect(guard.allows('storage.example', '192.168.0.2')).toBe(false);
    expect(guard.allows('encoder.example', '192.168.0.1')).toBe(true);
    expect(guard.allows('storage.example', '192.168.0.2')).toBe(true);
    expect(guard.allows('metadata.example', '169.254.169.254')).toBe(false);
  });

  it('lets the operator configure any address', () => {
    for (const url of ['http://127.0.0.1:8080/', 'http://[fe80::1]/', 'http://169.254.1.1/'])
      expect(() => {
        new AddressGuard(url).checkUrl(url);
      }).not.toThrow();
  });
});
