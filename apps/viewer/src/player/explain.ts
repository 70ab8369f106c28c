import { troubleOfStatus, UNPLAYABLE, type Trouble } from './trouble.ts';

/** Asks for the playlist once more, for its status alone. UNPLAYABLE: the server's answer was in order. */
export async function explain(
  url: string,
  stream: string | undefined,
  signal: AbortSignal,
): Promise<Trouble> {
  try {
    const { ok, status } = await fetch(url, { method: 'HEAD', signal });
    return ok ? UNPLAYABLE : troubleOfStatus(status, stream);
  } catch {
    return troubleOfStatus(undefined, stream);
  }
}
