import { createServer } from 'node:net';

/**
 * A TCP port on loopback that nobody listens on. It could be taken before its user binds it; in practice the kernel
 * hands out ports in turn, so it is not.
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
