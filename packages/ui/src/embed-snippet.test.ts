import { expect, test } from 'vitest';
import { embedSnippet } from './embed-snippet.ts';

test('the snippet contains the script and the stream', () => {
  expect(embedSnippet('http://host:8080/', 'live')).toBe(
    '<script src="http://host:8080/embed.js" data-stream="live"></script>',
  );
});
