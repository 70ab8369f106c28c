import { expect, it } from 'vitest';
import { actionText, changeText } from './audit-words.ts';

it('says what changed, in words', () => {
  expect(actionText('sign-in-refused')).toBe('Sign-in refused');
  expect(changeText({ mode: 'on', uploadLimitKbps: null }, { mode: 'off', uploadLimitKbps: 500 })).toEqual([
    'sharing: on → off',
    'upload limit in kbit/s: not set → 500',
  ]);
  expect(changeText(undefined, { running: true })).toEqual(['running: yes']);
  expect(changeText({ running: false })).toEqual(['running: was no']);
  expect(changeText({ source: 'rtmp://h/…' }, { source: 'rtmp://h/…' })).toEqual([
    'source: rtmp://h/… (its path or secret changed)',
  ]);
});
