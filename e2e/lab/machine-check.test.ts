import { expect, test } from 'vitest';
import { machineWarnings } from './machine-check.ts';
import type { LabSummary } from './summary.ts';

function summary(label: string, idle: number): LabSummary {
  return { swarm: { label }, idle, lab: 0.7, others: 0.3 - idle } as LabSummary;
}

test('warns about figures from a busy machine and says what used it', () => {
  const warnings = machineWarnings([summary('plain hls.js', 0.1), summary('Freshet', 0.04)]);
  expect(warnings).toEqual([
    'The figures of Freshet are NOT VALID: the machine was idle for 4 % of the time, less than 10 %. ' +
      'The lab used 70 %, other programs 26 %.',
  ]);
});
