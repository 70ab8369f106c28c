import { chmod, writeFile } from 'node:fs/promises';
import { findChromium } from '../../../setup/tools.mjs';

/**
 * Writes a program for the server's `--chromium`. It starts the full Chromium, as broadcasters have it, without its
 * sandbox, since tests may run as root.
 */
export async function chromiumScript(file: string): Promise<string> {
  await writeFile(file, `#!/bin/sh\nexec "${findChromium() ?? ''}" --no-sandbox "$@"\n`);
  await chmod(file, 0o755);
  return file;
}
