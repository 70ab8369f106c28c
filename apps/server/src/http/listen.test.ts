import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ConfigError } from '../config/config-error.ts';
import { listen, openWebServer, StartError } from './listen.ts';

// Made for this test (openssl req -x509 -newkey ec …, 100 years); it protects nothing.
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUYIo//QrXTzKyCeMeiF8Vn/7AuLYwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzAwNDEwMFoYDzIxMjYxMDMw
MDA0MTAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARUYwO5wxSKipkW2WnE49N0rMMtIcwd1AN6ELqDKbEu03/XRSvmHmGk
5fznM38T7ROvrF/ypBSEDs+QtbzLLTlRo1MwUTAdBgNVHQ4EFgQU/3lIiydlwJJp
pyRP3hyIaWXqBEQwHwYDVR0jBBgwFoAU/3lIiydlwJJppyRP3hyIaWXqBEQwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBmQ7clwTX9aUSgBXLjQCjs
p7QnYm/8iVX2wJoZ6XoRFwIgFspY/ZA+bKKAFwD28cCIptdW4DLENZywK1+AQWfQ
Rq8=
-----END CERTIFICATE-----
`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9az7XkTFxnB63gJc
pA+INTab0GG4xI1nenoxg/FvS0yhRANCAARUYwO5wxSKipkW2WnE49N0rMMtIcwd
1AN6ELqDKbEu03/XRSvmHmGk5fznM38T7ROvrF/ypBSEDs+QtbzLLTlR
-----END PRIVATE KEY-----
`;

function files(): { tlsCert: string; tlsKey: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'freshet-tls-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const [tlsCert, tlsKey] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
  writeFileSync(tlsCert, CERTIFICATE);
  writeFileSync(tlsKey, KEY);
  return { tlsCert, tlsKey };
}

it('serves https with a certificate and its key', async () => {
  const server = openWebServer({ ...files(), maxViewers: 1 });
  onTestFinished(() => void server.close());
  server.on('request', (_request, response) => {
    response.end('secret');
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  const request = get({ port, host: '127.0.0.1', rejectUnauthorized: false, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  expect(text).toBe('secret');
});

it('reports a missing or invalid certificate file', () => {
  const { tlsCert, tlsKey } = files();
  const open = (cert: string, key: string) => () =>
    openWebServer({ tlsCert: cert, tlsKey: key, maxViewers: 1 });
  expect(open('/nowhere.pem', tlsKey)).toThrow('--tls-cert /nowhere.pem cannot be read: ENOENT');
  expect(open(tlsCert, '/nowhere.pem')).toThrow('--tls-key /nowhere.pem cannot be read: ENOENT');
  expect(open(tlsKey, tlsCert)).toThrow(ConfigError);
});

it('says what to do when it cannot listen on an address', async () => {
  const taken = openWebServer({ tlsCert: undefined, tlsKey: undefined, maxViewers: 1 });
  onTestFinished(() => void taken.close());
  const port = await listen(taken, { host: '127.0.0.1', port: 0 });
  const other = openWebServer({ tlsCert: undefined, tlsKey: undefined, maxViewers: 1 });
  await expect(listen(other, { host: '127.0.0.1', port })).rejects.toThrow(StartError);
  await expect(listen(other, { host: '127.0.0.1', port })).rejects.toThrow(`Port ${port} is in use`);
  // Reserved for documentation: no machine has this address.
  await expect(listen(other, { host: '192.0.2.1', port: 0 })).rejects.toThrow('no address 192.0.2.1');
});
