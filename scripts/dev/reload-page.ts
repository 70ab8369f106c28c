/**
 * `npm run dev` puts this into each page: it reloads the page when the file beside it changes. It polls because that
 * takes nothing of the server, whose routes and policy stay as they are shipped, and works over a restart.
 */
const POLL_MS = 400;
const address = import.meta.url.replace(/[^/]*$/, 'build-id.txt');

async function readBuildId(): Promise<string | undefined> {
  try {
    const response = await fetch(address, { cache: 'no-store' });
    return response.ok ? await response.text() : undefined;
  } catch {
    // The server restarts.
    return undefined;
  }
}

async function reloadOnChange(loaded: string | undefined): Promise<void> {
  const current = await readBuildId();
  if (loaded !== undefined && current !== undefined && current !== loaded) location.reload();
  else setTimeout(() => void reloadOnChange(loaded ?? current), POLL_MS);
}

void reloadOnChange(undefined);
