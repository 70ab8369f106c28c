import { newestSegment, sendRaw, sentBy, type Target } from './target.ts';

const many = (count: number, send: () => Promise<unknown>): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, () => send().catch(() => undefined)));

async function ask(
  url: string,
  init: RequestInit = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const response = await fetch(url, { ...init, headers: { ...headers, ...sentBy() } });
  await response.body?.cancel();
}

/** A Range header of spaces, which a backtracking parser takes a quarter of a second for. */
export async function slowRanges(target: Target): Promise<void> {
  const url = await newestSegment(target);
  if (url === undefined) return;
  const { pathname, search } = new URL(url);
  const spaces = ' '.repeat(15_000);
  await sendRaw(target, `GET ${pathname}${search} HTTP/1.1\r\nHost: x\r\nRange: bytes=${spaces}\r\n\r\n`);
}

/** Requests that cost the server's egress limit nothing to answer. */
export async function emptyRequests(target: Target): Promise<void> {
  const url = await newestSegment(target);
  if (url === undefined) return;
  await many(20, () => ask(url, {}, { 'if-none-match': '*' }));
  await many(20, () => ask(url, { method: 'HEAD' }));
}

export async function wrongKeys({ url, stream }: Target): Promise<void> {
  await many(3, () => ask(`${url}ingest/wrong-key/${stream}/index.m3u8`, { method: 'PUT', body: '#EXTM3U' }));
}

export async function wrongLogins({ url }: Target): Promise<void> {
  await many(3, () =>
    ask(
      `${url}control/session`,
      { method: 'POST', body: JSON.stringify({ token: 'guess' }) },
      { 'content-type': 'application/json' },
    ),
  );
}

export async function malformedRequests(target: Target): Promise<void> {
  await sendRaw(target, `GET / HTTP/1.1\r\nCookie: secret\r\n: broken\r\n\r\n`);
  await sendRaw(target, `${'\0'.repeat(2000)}\r\n\r\n`);
}

/** Headers that never end. */
export async function unfinishedRequests(target: Target): Promise<void> {
  await many(10, () => sendRaw(target, 'GET / HTTP/1.1\r\nHost: x\r\nX-', 5000));
}
