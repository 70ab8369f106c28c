import { createServer } from 'node:net';

/**
 * A TCP port on loopback on which no program listens. Another program could take it before its user binds it; in
 * practice the kernel hands out ports in turn, so that does not happen.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no TCP port'));
        else resolve(address.port);
      });
    });
  });
}
