import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { releaseChangelog, unreleasedChanges } from './changelog.ts';

const CHANGELOG = `# Changelog

## Unreleased

### Added

- One thing.

## 0.1.0 - 2027-01-01

- The first version.
`;

it('finds the changes since the last version', () => {
  expect(unreleasedChanges(CHANGELOG)).toBe('### Added\n\n- One thing.');
  expect(unreleasedChanges('# Changelog\n\n## Unreleased\n\n- Only this.\n')).toBe('- Only this.');
});

it.each(['# Changelog\n', '# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n- One.\n', '## Unreleased\n'])(
  'finds no changes in %j and leaves it unchanged',
  (changelog) => {
    expect(unreleasedChanges(changelog)).toBeUndefined();
    expect(releaseChangelog(changelog, '0.2.0', '2027-02-03')).toBe(changelog);
  },
);

it('puts the changes under the new version, with its date', () => {
  const released = releaseChangelog(CHANGELOG, '0.2.0', '2027-02-03');
  expect(released).toBe(CHANGELOG.replace('## Unreleased\n', '## Unreleased\n\n## 0.2.0 - 2027-02-03\n'));
  expect(unreleasedChanges(released)).toBeUndefined();
});

it('the changelog of this repository has the heading that a release looks for', () => {
  const changelog = readFileSync(new URL('../../CHANGELOG.md', import.meta.url), 'utf8');
  expect(changelog).toContain('\n## Unreleased\n');
});
