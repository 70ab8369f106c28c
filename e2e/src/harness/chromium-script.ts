import { chmod, writeFile } from 'node:fs/promises';
import { chromiumOptions } from './chromium.ts';

/** A program that starts the tests' Chromium without its sandbox, for the server's `--chromium`: tests may run as root. */
export async function chromiumScript(file: string): Promise<string> {
  await writeFile(file, `#!/bin/sh\nexec "${chromiumOptions().executablePath ?? ''}" --no-sandbox "$@"\n`);
  await chmod(file, 0o755);
  return file;
}
