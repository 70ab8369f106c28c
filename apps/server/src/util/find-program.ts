import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, sep } from 'node:path';

/** @param program a path, or a name to look up in the folders of the PATH. @returns an executable file */
export function findProgram(program: string, path = process.env['PATH'] ?? ''): string | undefined {
  if (isAbsolute(program) || program.includes(sep)) return executable(program);
  for (const folder of path.split(delimiter)) {
    const found = folder === '' ? undefined : executable(join(folder, program));
    if (found !== undefined) return found;
  }
  return undefined;
}

function executable(file: string): string | undefined {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  try {
    accessSync(file, constants.X_OK);
    return file;
  } catch {
    return undefined;
  }
}
