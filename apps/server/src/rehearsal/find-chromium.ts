import { findProgram } from '../util/find-program.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
/** Not on any PATH. */
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** @param program the operator's: a name on the PATH, or a path. Then no other is looked for. @returns an executable */
export function findChromium(program: string | undefined): string | undefined {
  if (program !== undefined) return findProgram(program);
  for (const name of [...NAMES, MAC]) {
    const found = findProgram(name);
    if (found !== undefined) return found;
  }
  return undefined;
}
