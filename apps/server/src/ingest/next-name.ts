/** Longer ones are no counters. */
const MAX_DIGITS = 15;

/**
 * What an encoder will call the segment behind this one: its last number is one more, as wide as before.
 * @returns undefined where there is no number
 */
export function nextName(name: string): string | undefined {
  const [, before = '', digits = '', after = ''] = /^(.*?)(\d+)([^\d/]*\.[^./]*)$/.exec(name) ?? [];
  if (digits === '' || digits.length > MAX_DIGITS) return undefined;
  return before + String(Number(digits) + 1).padStart(digits.length, '0') + after;
}
