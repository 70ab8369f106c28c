import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PartedStream } from '../testing/parted-stream.ts';

interface Asked {
  /** The section of RFC 8216bis, and the rule. */
  readonly rule: string;
  /** The playlist has segments 0 to 2, of two parts each, and the first part of 3. */
  readonly query: string;
  /** The steps that happen while the request is held; absent: it is answered at once. */
  readonly until?: (steps: readonly (() => void)[]) => readonly (() => void)[];
  readonly status?: number;
  /** Text that the answer contains. */
  readonly has?: string;
}

/** The first of the remaining steps of segments 3 and 4: part 3.1, the end of 3, parts 4.0 and 4.1, the end of 4. */
const first = (n: number) => (steps: readonly (() => void)[]) => steps.slice(0, n);

const ASKED: readonly Asked[] = [
  { rule: '6.2.5.2: a request without directives is answered at once', query: '', has: '"3.0.m4s' },
  { rule: '6.2.5.2: other parameters are not directives', query: '?token=1', has: '"3.0.m4s' },
  { rule: '6.2.5.2: a segment that exists', query: '?_HLS_msn=2', has: '"3.0.m4s' },
  { rule: '6.2.5.2: a part that exists', query: '?_HLS_msn=3&_HLS_part=0', has: '"3.0.m4s' },
  {
    rule: '6.2.5.2: blocks until the part exists',
    query: '?_HLS_msn=3&_HLS_part=1',
    until: first(1),
    has: '"3.1.m4s',
  },
  {
    rule: '6.2.5.2: blocks until the segment exists',
    query: '?_HLS_msn=3',
    until: first(2),
    has: '\n3.m4s',
  },
  {
    rule: '6.2.5.2: a part past the last of its segment is the first of the next',
    query: '?_HLS_msn=3&_HLS_part=2',
    until: first(3),
    has: '"4.0.m4s',
  },
  {
    rule: '6.2.5.2: also if that segment is complete already',
    query: '?_HLS_msn=2&_HLS_part=2',
    has: '"3.0.m4s',
  },
  {
    rule: '6.2.5.2: also if the next segment has not begun',
    query: '?_HLS_msn=3&_HLS_part=5',
    until: first(3),
    has: '"4.0.m4s',
  },
  {
    rule: '6.2.5.2: the segment after the open one',
    query: '?_HLS_msn=4',
    until: first(5),
    has: '\n4.m4s',
  },
  { rule: '6.2.5.2: more than two segments ahead is a bad request', query: '?_HLS_msn=5', status: 400 },
  {
    rule: '6.2.5.2: so is a part past the advance part limit',
    query: '?_HLS_msn=3&_HLS_part=9',
    status: 400,
  },
  { rule: '6.2.5.2: so is a part without its segment', query: '?_HLS_part=0', status: 400 },
  { rule: '6.2.5: numbers are decimal', query: '?_HLS_msn=0x3', status: 400 },
  { rule: '6.2.5.1: no EXT-X-SKIP without segments to skip', query: '?_HLS_skip=YES', has: '\n0.m4s' },
  {
    rule: '6.2.5: directives of both kinds at once',
    query: '?_HLS_msn=3&_HLS_part=1&_HLS_skip=v2',
    until: first(1),
    has: '"3.1.m4s',
  },
];

describe('a playlist request with delivery directives', () => {
  let stream: PartedStream;
  beforeEach(async () => {
    stream = await PartedStream.start(500, 1);
  });
  afterEach(() => stream.close());

  it.each(ASKED)('$rule ($query)', async ({ query, until, status = 200, has = '' }) => {
    for (let msn = 0; msn < 3; msn++) stream.add({ partsMs: [500, 500] });
    const [begin, ...rest] = [3, 4].flatMap(() => stream.steps({ partsMs: [500, 500] }));
    begin?.();
    let answered = false;
    const asked = stream.get(`index.m3u8${query}`).then((response) => {
      answered = true;
      return response;
    });
    const held = until?.(rest) ?? [];
    for (const step of held) {
      // A later request is answered while this one is held.
      await stream.lines();
      expect(answered, 'it is not answered before its time').toBe(false);
      step();
    }
    const response = await asked;
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(has);
  });
});
