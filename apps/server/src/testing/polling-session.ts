import { PROTOCOL_VERSION, SIGNALLING_PATH } from '@freshet/protocol';

/** Between two packets of one polling request. */
const SEPARATOR = '\u001e';

/** A socket.io connection by long-polling, packet by packet. */
export interface PollingSession {
  /** Sends packets in one request. @returns its status; undefined if the connection was cut */
  post(...packets: readonly string[]): Promise<number | undefined>;
  /** Waits for packets from the server. */
  poll(): Promise<{ readonly status: number; readonly text: string }>;
}

/** @param headers for every request @throws Error if the server refuses the session */
export async function openPollingSession(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<PollingSession> {
  const address = `${url}${SIGNALLING_PATH}/?EIO=4&transport=polling`;
  const response = await fetch(address, { headers });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`refused: ${response.status} ${text}`);
  const { sid } = JSON.parse(text.slice(1)) as { sid: string };
  return {
    post: (...packets) =>
      fetch(`${address}&sid=${sid}`, { method: 'POST', headers, body: packets.join(SEPARATOR) }).then(
        ({ status }) => status,
        () => undefined,
      ),
    poll: async () => {
      const polled = await fetch(`${address}&sid=${sid}`, { headers });
      return { status: polled.status, text: await polled.text() };
    },
  };
}

/** A join of the stream `demo`, as a socket.io packet. @param id of the acknowledgement */
export function joinPacket(id = 0): string {
  const join = {
    ...{ version: PROTOCOL_VERSION, stream: 'demo', neighbours: [], renditions: [], uploads: true },
  };
  return `42${id}${JSON.stringify(['join', join])}`;
}
