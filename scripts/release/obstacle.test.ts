import { expect, it } from 'vitest';
import { obstacle, type Repository } from './obstacle.ts';

const READY: Repository = {
  branch: 'main',
  changedFiles: [],
  tags: ['v0.1.0'],
  unreleasedChanges: '- One thing.',
};

it('nothing prevents a release from a clean main branch with changes', () => {
  expect(obstacle(READY, '0.2.0')).toBeUndefined();
});

it.each<[string, Partial<Repository>, string]>([
  ['another branch', { branch: 'topic' }, 'Releases are made from main, not from topic: check it out first.'],
  [
    'no branch',
    { branch: '' },
    'Releases are made from main, not from a detached commit: check it out first.',
  ],
  [
    'a changed file',
    { changedFiles: ['a.ts'] },
    'The working tree has changes (a.ts): commit or remove them first.',
  ],
  [
    'changed files',
    { changedFiles: ['a.ts', 'b.ts'] },
    'The working tree has changes (a.ts and others): commit or remove them first.',
  ],
  ['a tag', { tags: ['v0.2.0'] }, 'The tag v0.2.0 exists already: choose a later version.'],
  [
    'no change',
    { unreleasedChanges: undefined },
    'CHANGELOG.md has nothing under "Unreleased": write what changed first.',
  ],
])('reports %s in a sentence', (_name, state, sentence) => {
  expect(obstacle({ ...READY, ...state }, '0.2.0')).toBe(sentence);
});
