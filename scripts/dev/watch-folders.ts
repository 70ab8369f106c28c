import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import path from 'node:path';

/** Files of builds, tests and editors. No running code is made from them. */
const IGNORED = /^(\..*|dist|node_modules|coverage|results|.*\.test\.ts|.*\.tsbuildinfo|.*~)$/;

/**
 * Reports every file that is written, added, replaced or removed below `folders`, as a path relative to `root` with
 * slashes. Watches folders one by one: `recursive` loses files that an editor replaces on Linux in Node 20.
 * @returns a function that stops watching
 */
export function watchFolders(
  root: string,
  folders: readonly string[],
  onChange: (file: string) => void,
): () => void {
  const watchers = new Map<string, FSWatcher>();
  const remove = (folder: string) => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const isFolder = (name: string) =>
    statSync(path.join(root, name), { throwIfNoEntry: false })?.isDirectory() ?? false;
  const add = (folder: string) => {
    if (watchers.has(folder)) return;
    // Watch before reading the folder, so that a folder that is created meanwhile is not missed.
    const watcher = watch(path.join(root, folder), (_event, name) => {
      if (name === null || IGNORED.test(name)) return;
      const changed = `${folder}/${name}`;
      if (isFolder(changed)) add(changed);
      else remove(changed);
      onChange(changed);
    });
    watcher.on('error', () => {
      remove(folder);
    });
    watchers.set(folder, watcher);
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true }))
      if (entry.isDirectory() && !IGNORED.test(entry.name)) add(`${folder}/${entry.name}`);
  };
  for (const folder of folders) add(folder);
  return () => {
    for (const folder of [...watchers.keys()]) remove(folder);
  };
}
