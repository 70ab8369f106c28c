import { troubleOfStatus, UNPLAYABLE, type Trouble } from './trouble.ts';

/** Requests the playlist once more, only for its status. @returns UNPLAYABLE if the response was a success. */
export async function explain(
  url: string | Promise<string>,
  stream: string | undefined,
  signal: AbortSignal,
): Promise<Trouble> {
  try {
    const { ok, status } = await fetch(await url, { method: 'HEAD', signal });
    return ok ? UNPLAYABLE : troubleOfStatus(status, stream);
  } catch {
    return troubleOfStatus(undefined, stream);
  }
}
