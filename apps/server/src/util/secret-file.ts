import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Passes on a secret as a file without a name, so that a child process can read it from a descriptor: other users of
 * the machine can read a child's arguments. A pipe does not do, because Node's are sockets, which cannot be opened by
 * their /dev/fd name.
 * @param work gets a descriptor for reading, which is closed afterwards @throws Error if there is no temporary folder
 */
export function withSecretFile<Result>(text: string, work: (descriptor: number) => Result): Result {
  const descriptor = openSecretFile(text);
  try {
    return work(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function openSecretFile(text: string): number {
  const folder = mkdtempSync(path.join(tmpdir(), 'freshet-'));
  try {
    const file = path.join(folder, 'secret');
    writeFileSync(file, text, { mode: 0o600 });
    return openSync(file, 'r');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
