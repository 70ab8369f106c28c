const UNRELEASED = /^## \[?Unreleased\]?\n/m;

/** The text under "Unreleased" in a changelog, without its heading; undefined if there is none. */
export function unreleasedChanges(changelog: string): string | undefined {
  const heading = UNRELEASED.exec(changelog);
  if (heading === null) return undefined;
  const rest = changelog.slice(heading.index + heading[0].length);
  const end = rest.search(/^## /m);
  const changes = (end < 0 ? rest : rest.slice(0, end)).trim();
  return changes === '' ? undefined : changes;
}

/**
 * Puts the unreleased changes under the version and leaves an empty "Unreleased" above it. A changelog without
 * unreleased changes is returned unchanged.
 * @param date of the release, as 2027-01-31
 */
export function releaseChangelog(changelog: string, version: string, date: string): string {
  if (unreleasedChanges(changelog) === undefined) return changelog;
  return changelog.replace(UNRELEASED, (heading) => `${heading}\n## ${version} - ${date}\n`);
}
