import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { surviveDefects } from './survive-defects.ts';

it('logs errors that nobody caught, and exits when there are too many', () => {
  const lines: string[] = [];
  const exits: number[] = [];
  const log = pino({}, { write: (line: string) => lines.push(line) });
  const caught = surviveDefects(log, (code) => exits.push(code));
  onTestFinished(() => {
    process.off('uncaughtException', caught);
    process.off('unhandledRejection', caught);
  });
  for (let i = 0; i < 10; i++) caught(new Error('a defect'));
  expect(lines.length).toBe(10);
  expect(exits).toEqual([]);
  caught('not even an error');
  expect(exits).toEqual([1]);
});
