import type { Server } from 'node:net';
import type { Budgets } from './budgets.ts';

/**
 * Closes connections beyond their prefix's share at once. Only for a server that its clients reach directly: a proxy's
 * connections all come from the proxy.
 */
export function limitConnections(server: Server, budgets: Budgets): void {
  server.on('connection', (socket) => {
    const release = budgets.connections.take(budgets.prefixOf(socket.remoteAddress));
    if (release === undefined) socket.destroy();
    else socket.once('close', release);
  });
}
