import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * Replaces a file as a whole, so that a reader never finds half of it. Its folder must exist.
 * @param mode permissions of the new file
 * @throws Error if it cannot be written, for example on a full disk. The old file is then unchanged.
 */
export async function replaceFile(path: string, text: string, mode = 0o666): Promise<void> {
  const making = `${path}.${process.pid}`;
  try {
    await writeFile(making, text, { mode });
    await rename(making, path);
  } catch (error) {
    // A part of it would take what space is left.
    await rm(making, { force: true });
    throw error;
  }
}
