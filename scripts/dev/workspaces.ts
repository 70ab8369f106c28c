import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Workspace {
  /** Name in the manifest: `@freshet/client`. */
  readonly name: string;
  /** Relative to the root, with slashes: `packages/client`. */
  readonly folder: string;
  /** Names of the workspaces that it imports at run time. */
  readonly uses: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Reads the workspaces whose source runs in the server or in its pages. */
export function readWorkspaces(root: string): readonly Workspace[] {
  return ['packages', 'apps'].flatMap((group) =>
    readdirSync(path.join(root, group))
      .map((entry) => `${group}/${entry}`)
      .filter((folder) => existsSync(path.join(root, folder, 'package.json')))
      .map((folder) => {
        const text = readFileSync(path.join(root, folder, 'package.json'), 'utf8');
        const { name, dependencies = {} } = JSON.parse(text) as Manifest;
        return { name, folder, uses: Object.keys(dependencies) };
      }),
  );
}

/** The folders of a workspace and of all workspaces that it imports, directly or through others. */
export function foldersOf(workspaces: readonly Workspace[], folder: string): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (workspace: Workspace | undefined) => {
    if (workspace === undefined || found.has(workspace.folder)) return;
    found.add(workspace.folder);
    for (const name of workspace.uses) add(workspaces.find((other) => other.name === name));
  };
  add(workspaces.find((workspace) => workspace.folder === folder));
  return found;
}
