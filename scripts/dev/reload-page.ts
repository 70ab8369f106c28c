/**
 * `npm run dev` adds this script to each page. It reloads the page when the file beside it changes. It polls, because
 * that requires nothing of the server, whose routes and policy stay as shipped, and works across a restart.
 */
const POLL_MS = 400;
const address = import.meta.url.replace(/[^/]*$/, 'build-id.txt');

async function readBuildId(): Promise<string | undefined> {
  try {
    const response = await fetch(address, { cache: 'no-store' });
    return response.ok ? await response.text() : undefined;
  } catch {
    // The server is restarting.
    return undefined;
  }
}

async function reloadOnChange(loaded: string | undefined): Promise<void> {
  const current = await readBuildId();
  if (loaded !== undefined && current !== undefined && current !== loaded) location.reload();
  else setTimeout(() => void reloadOnChange(loaded ?? current), POLL_MS);
}

void reloadOnChange(undefined);
