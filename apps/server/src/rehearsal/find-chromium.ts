import { findProgram } from '../util/find-program.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
/** macOS has Chrome at this path, which is not on the PATH. */
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** @param program the operator's choice: a name on the PATH, or a path. If set, no other is tried. @returns its path */
export function findChromium(program: string | undefined): string | undefined {
  if (program !== undefined) return findProgram(program);
  for (const name of [...NAMES, MAC]) {
    const found = findProgram(name);
    if (found !== undefined) return found;
  }
  return undefined;
}
