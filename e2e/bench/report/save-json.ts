import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a document, makes its folder if need be, and says where it is. */
export async function saveJson(file: string, document: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(document, undefined, 2)}\n`);
  console.log(`results written to ${file}`);
}
