import { describe, expect, it } from 'vitest';
import { AddressGuard } from './address-guard.ts';

const refused = expect.objectContaining({ name: 'SourceFault', reason: 'address' }) as Error;

describe('AddressGuard', () => {
  it('keeps a public source from other addresses, by address and by name', () => {
    const guard = new AddressGuard('https://93.184.216.34/live.m3u8');
    for (const url of [
      'http://127.0.0.1/',
      'http://[::1]:6379/',
      'http://0x7f.1/',
      'http://169.254.169.254/',
      'http://[::127.0.0.1]/',
      'http://[2001:0:53aa:64c:0:fb8a:80ff:fffe]/',
      'http://[fec0::1]/',
      'http://0.0.0.0:8080/',
    ])
      expect(() => {
        guard.checkUrl(url);
      }, url).toThrow(refused);
    expect(guard.allows('internal.example', '10.0.0.1')).toBe(false);
    expect(guard.allows('cdn.example', '93.184.216.35')).toBe(true);
  });

  it('learns the class of a named source, and allows others of it', () => {
    const guard = new AddressGuard('http://encoder.example/live.m3u8');
    expect(guard.allows('storage.example', '192.168.0.2')).toBe(false);
    expect(guard.allows('encoder.example', '192.168.0.1')).toBe(true);
    expect(guard.allows('storage.example', '192.168.0.2')).toBe(true);
    expect(guard.allows('metadata.example', '169.254.169.254')).toBe(false);
    expect(guard.allows('self.example', '127.0.0.1')).toBe(false);
  });

  it.each(['93.184.216.34', '192.168.0.1', '127.0.0.1'])('pins a name that begins at %s', (first) => {
    const guard = new AddressGuard('http://encoder.example/live.m3u8');
    expect(guard.allows('encoder.example', first)).toBe(true);
    for (const later of ['93.184.216.35', '10.0.0.1', '127.0.0.2', '169.254.169.254', '::', 'ff02::1']) {
      const isSame = guard.allows('encoder.example', later);
      expect(isSame, later).toBe(
        [later, first].every((address) => address.startsWith('93.')) ||
          [later, first].every((address) => address.startsWith('127.')) ||
          (first === '192.168.0.1' && later === '10.0.0.1'),
      );
    }
  });

  it('does not let a name begin at a link-local or reserved address', () => {
    const guard = new AddressGuard('http://encoder.example/live.m3u8');
    expect(guard.allows('encoder.example', '169.254.169.254')).toBe(false);
    expect(guard.allows('encoder.example', '192.168.0.1')).toBe(true);
  });

  it('lets the operator configure any address', () => {
    for (const url of [
      'http://127.0.0.1:8080/',
      'http://[fe80::1]/',
      'http://169.254.1.1/',
      'http://0.0.0.0/',
    ])
      expect(() => {
        new AddressGuard(url).checkUrl(url);
      }).not.toThrow();
  });
});

describe('content that cannot be recognised as media', () => {
  const check = (url: string, allowed: string[] = []) => {
    const guard = new AddressGuard('http://127.0.0.1:8080/live.m3u8', allowed);
    return () => {
      guard.checkUnsniffed(url);
    };
  };

  it('comes from the configured host and port, or from a public address', () => {
    expect(check('http://127.0.0.1:8080/1.ts')).not.toThrow();
    expect(check('https://93.184.216.34/1.ts')).not.toThrow();
  });

  it('is refused from any other private host, and from another port', () => {
    for (const url of ['http://127.0.0.1:6379/', 'http://192.168.0.7/1.ts', 'http://[::1]:8080/1.ts'])
      expect(check(url), url).toThrow(refused);
  });

  it('is accepted from hosts that the operator names', () => {
    expect(check('http://192.168.0.7:81/1.ts', ['192.168.0.7'])).not.toThrow();
    expect(check('http://192.168.0.7:81/1.ts', ['192.168.0.7:81'])).not.toThrow();
    expect(check('http://192.168.0.7:81/1.ts', ['192.168.0.7:82'])).toThrow(refused);
  });

  it('is refused from a private host with a name', () => {
    const guard = new AddressGuard('http://192.168.0.1/live.m3u8');
    guard.allows('storage.example', '192.168.0.2');
    guard.allows('cdn.example', '93.184.216.34');
    expect(() => {
      guard.checkUnsniffed('http://storage.example/1.ts');
    }).toThrow(refused);
    expect(() => {
      guard.checkUnsniffed('http://cdn.example/1.ts');
    }).not.toThrow();
  });
});
