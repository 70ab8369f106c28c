import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LIMITS } from './limits.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const rules = readFileSync(`${root}/packages/protocol/PROTOCOL.md`, 'utf8');

/** The rule numbers that titles of tests quote: `it('F3: …')`. */
function quotedIn(folder: string): Set<string> {
  const quoted = new Set<string>();
  for (const entry of readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.test.ts') || entry.includes('node_modules')) continue;
    const text = readFileSync(`${root}/${folder}/${entry}`, 'utf8');
    for (const [, rule = ''] of text.matchAll(
      /\b(?:it|test)(?:\.\w+)?(?:\([^()]*\))?\(\s*['"`]([A-Z]\d+): /g,
    ))
      quoted.add(rule);
  }
  return quoted;
}

const headings = [...rules.matchAll(/^\*\*([VSCFPLB]\d+)\*\*( ✓)?/gm)].map(([, rule = '', tested]) => ({
  rule,
  tested: tested !== undefined,
}));
const numbers = headings.map(({ rule }) => rule);

describe('PROTOCOL.md', () => {
  it('numbers its rules without gaps and states the breach of each', () => {
    for (const letter of 'VSCFPLB') {
      const own = numbers.filter((rule) => rule.startsWith(letter));
      expect(own).toEqual(own.map((_, i) => `${letter}${i + 1}`));
      expect(own.length).toBeGreaterThan(0);
    }
    expect(rules.match(/^_Breach_: /gm)).toHaveLength(numbers.length);
  });

  it('marks exactly the rules that a test quotes', () => {
    const quoted = new Set([...quotedIn('packages'), ...quotedIn('apps')]);
    const marked = headings.filter(({ tested }) => tested).map(({ rule }) => rule);
    expect(marked.filter((rule) => !quoted.has(rule))).toEqual([]);
    expect([...quoted].filter((rule) => !marked.includes(rule))).toEqual([]);
  });

  it('refers only to rules that exist', () => {
    const referred = [...rules.matchAll(/\(([VSCFPLB]\d+(?:, [VSCFPLB]\d+)*)\)/g)].flatMap(([, list = '']) =>
      list.split(', '),
    );
    expect(referred.length).toBeGreaterThan(10);
    expect(referred.filter((rule) => !numbers.includes(rule))).toEqual([]);
  });

  it('L1: names every limit', () => {
    const listed = [...rules.matchAll(/^\| `(\w+)` +\| [a-z]/gm)].map(([, limit]) => limit);
    expect(listed.filter((name) => name !== undefined && name in LIMITS)).toEqual(Object.keys(LIMITS));
  });
});
