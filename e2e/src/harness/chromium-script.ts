import { chmod, writeFile } from 'node:fs/promises';
import { chromiumOptions } from './chromium.ts';

/**
 * Writes a program for the server's `--chromium`. It starts Chromium without its sandbox, since tests may run as root.
 */
export async function chromiumScript(file: string): Promise<string> {
  await writeFile(file, `#!/bin/sh\nexec "${chromiumOptions().executablePath ?? ''}" --no-sandbox "$@"\n`);
  await chmod(file, 0o755);
  return file;
}
