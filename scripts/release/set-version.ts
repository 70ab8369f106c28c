interface Manifest {
  name?: string;
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

interface Lock extends Manifest {
  packages?: Record<string, Manifest>;
}

const EXACT_OR_RANGE = /^([~^]?)\d+\.\d+\.\d+$/;

/**
 * Sets the version of this repository's packages, and of dependencies on them, in a package.json or package-lock.json.
 * Everything else stays unchanged, including other packages' versions and links to folders.
 */
export function setVersion(json: string, version: string): string {
  const lock = JSON.parse(json) as Lock;
  setIn(lock, lock.name, version);
  for (const [path, entry] of Object.entries(lock.packages ?? {}))
    setIn(entry, entry.name ?? path.split('node_modules/').at(-1), version);
  return `${JSON.stringify(lock, null, 2)}\n`;
}

function setIn(manifest: Manifest, name: string | undefined, version: string): void {
  if (name !== undefined && isOurs(name) && manifest.version !== undefined) manifest.version = version;
  for (const kind of ['dependencies', 'devDependencies', 'peerDependencies'] as const) {
    const ranges = manifest[kind] ?? {};
    for (const [dependency, range] of Object.entries(ranges))
      if (isOurs(dependency)) ranges[dependency] = range.replace(EXACT_OR_RANGE, `$1${version}`);
  }
}

function isOurs(name: string): boolean {
  return name === 'freshet' || name.startsWith('@freshet/');
}
