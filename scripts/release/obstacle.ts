export interface Repository {
  /** The current branch; empty if none is checked out. */
  readonly branch: string;
  /** Files that differ from the last commit, and untracked files. */
  readonly changedFiles: readonly string[];
  readonly tags: readonly string[];
  /** The text under "Unreleased" in CHANGELOG.md. */
  readonly unreleasedChanges: string | undefined;
}

/** Releases are made from this branch. */
export const RELEASE_BRANCH = 'main';

/** Why the version cannot be released now, in a sentence that also says what to do. */
export function obstacle(repository: Repository, version: string): string | undefined {
  const { branch, changedFiles, tags, unreleasedChanges } = repository;
  if (branch !== RELEASE_BRANCH)
    return `Releases are made from ${RELEASE_BRANCH}, not from ${branch === '' ? 'a detached commit' : branch}: check it out first.`;
  const [file] = changedFiles;
  if (file !== undefined)
    return `The working tree has changes (${file}${changedFiles.length > 1 ? ' and others' : ''}): commit or remove them first.`;
  if (tags.includes(tagOf(version)))
    return `The tag ${tagOf(version)} exists already: choose a later version.`;
  if (unreleasedChanges === undefined)
    return 'CHANGELOG.md has nothing under "Unreleased": write what changed first.';
  return undefined;
}

export function tagOf(version: string): string {
  return `v${version}`;
}
