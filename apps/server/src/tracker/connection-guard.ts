import type { Millis } from '@freshet/protocol';
import type { ViewerSocket } from './viewer-socket.ts';

/** A viewer's connection, below socket.io: one WebSocket, or one polling session. */
export type Connection = ViewerSocket['conn'];

/** Why a connection was closed. The list is closed, so that a reason can be a metric's label. */
export type Offence = 'namespace' | 'packets' | 'unread';

export interface ConnectionLimits {
  /**
   * Packets from the viewer in ten seconds. Somewhat above the limit for messages: these are packets too, and so are
   * the heartbeats. One polling request may carry thousands, each of which would become an object.
   */
  readonly packets: number;
  /** Bytes that wait for a viewer that does not read. The longest possible welcome has about 2 MiB. */
  readonly unreadBytes: number;
  /** Bytes may wait this long. A viewer that reads nothing does not see socket.io's heartbeat for that time either. */
  readonly unreadMs: Millis;
}

const LIMITS: ConnectionLimits = { packets: 500, unreadBytes: 4 * 1024 * 1024, unreadMs: 45_000 };
const WINDOW_MS = 10_000;
/** A socket.io packet of another namespace than `/`: its type, the number of attachments if any, the namespace. */
const NAMESPACE = /^\d(?:\d{0,3}-)?\//;

interface Packet {
  readonly type: string;
  readonly data?: unknown;
}

/**
 * Closes a connection that does what no viewer does. socket.io counts nothing here: each CONNECT packet makes another
 * socket with handlers of its own, and what a viewer does not read is kept for it.
 * @param onOffence called once, when the connection is closed
 */
export function guardConnection(
  connection: Connection,
  now: () => Millis,
  onOffence: (offence: Offence) => void,
  limits: ConnectionLimits = LIMITS,
): void {
  let closed = false;
  const close = (offence: Offence) => {
    closed = true;
    onOffence(offence);
    // `true`: at once. Otherwise engine.io first waits for the viewer to read.
    connection.close(true);
  };

  let connects = 0;
  let windowStart = now();
  let packets = 0;
  // engine.io emits it before it passes the packet on, so that the packet of a closed connection has no effect.
  connection.on('packet', ({ type, data }: Packet) => {
    if (closed) return;
    if (now() - windowStart >= WINDOW_MS) {
      windowStart = now();
      packets = 0;
    }
    if (++packets > limits.packets) close('packets');
    else if (type === 'message' && typeof data === 'string') {
      if (NAMESPACE.test(data)) close('namespace');
      else if (data.startsWith('0') && ++connects > 1) close('namespace');
    }
  });

  let unread = 0;
  let unreadSince = 0;
  connection.on('packetCreate', ({ data }: Packet) => {
    if (closed) return;
    if (unread === 0) unreadSince = now();
    unread += sizeOf(data);
    if (unread <= limits.unreadBytes && now() - unreadSince <= limits.unreadMs) return;
    closed = true;
    // Later, because this may be one of many viewers that an announcement goes to.
    setImmediate(() => {
      close('unread');
    });
  });
  connection.on('flush', () => {
    unread = 0;
  });
}

/** At least 1, so that the time of a packet without data counts as well. */
function sizeOf(data: unknown): number {
  if (typeof data === 'string') return data.length + 1;
  return ArrayBuffer.isView(data) ? data.byteLength + 1 : 1;
}
