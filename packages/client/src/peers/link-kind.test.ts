import { expect, test } from 'vitest';
import { linkKind } from './link-kind.ts';

const kind = (...entries: readonly (readonly [string, object])[]) => linkKind(new Map(entries));
const ends = (local: string, remote: string) =>
  [
    ['L', { type: 'local-candidate', candidateType: local }],
    ['R', { type: 'remote-candidate', candidateType: remote }],
  ] as const;
const pair = ['P', { type: 'candidate-pair', localCandidateId: 'L', remoteCandidateId: 'R' }] as const;
const other = ['O', { type: 'candidate-pair', nominated: true, localCandidateId: 'X' }] as const;
const transport = ['T', { type: 'transport', selectedCandidatePairId: 'P' }] as const;

test.each([
  ['host', 'host', 'direct'],
  ['host', 'prflx', 'reflexive'],
  ['srflx', 'host', 'reflexive'],
  ['relay', 'host', 'relayed'],
  ['prflx', 'relay', 'relayed'],
])('%s to %s is %s', (local, remote, expected) => {
  expect(kind(transport, other, pair, ...ends(local, remote))).toBe(expected);
  const ofFirefox = ['P', { ...pair[1], selected: true }] as const;
  expect(kind(other, ofFirefox, ...ends(local, remote))).toBe(expected);
});

test('what the browser does not tell is unknown', () => {
  expect(kind(other, pair, ...ends('host', 'host'))).toBe('unknown');
  expect(kind(transport, pair)).toBe('unknown');
});
