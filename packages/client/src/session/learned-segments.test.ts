import { encodePieceList, PIECE_HASH_BYTES, segmentKey } from '@freshet/protocol';
import { afterEach, expect, test, vi } from 'vitest';
import { LearnedSegments } from './learned-segments.ts';

const SEGMENT = { epoch: 1, rendition: '0a0b0c0d', msn: 5 };
const KEY = segmentKey(SEGMENT);
const LIST = { bytes: 1000, durationMs: 2000, hashes: new Uint8Array(PIECE_HASH_BYTES) };
const INJECTORS = [{ peer: 'a'.repeat(16), first: 0, count: 1 }];

afterEach(() => {
  vi.unstubAllGlobals();
});

function learned(knows = false) {
  const learners = {
    lists: { knows: () => knows, learn: vi.fn() },
    urls: { locate: vi.fn(), listUrlOf: () => 'https://host/5.pieces' },
    reloads: { announced: vi.fn() },
    origin: { announced: vi.fn() },
    requests: { divided: vi.fn() },
    clock: () => 0,
    dispatch: vi.fn(),
  };
  return { ...learners, subject: new LearnedSegments(learners) };
}

function relay(answer: () => Response): void {
  vi.stubGlobal('fetch', () => Promise.resolve(answer()));
}
const answersList = () => {
  relay(() => new Response(encodePieceList(LIST)));
};

test('an announcement reaches the store, the transfers, the player’s requests and the reloads', () => {
  const { subject, lists, origin, requests, reloads, urls } = learned();
  subject.announced({ ...SEGMENT, ...LIST, injectors: INJECTORS });
  expect(lists.learn.mock.calls).toEqual([[SEGMENT, { ...LIST, parts: undefined }, INJECTORS]]);
  expect(origin.announced.mock.calls).toEqual([[KEY]]);
  expect(requests.divided.mock.calls).toEqual([[KEY]]);
  expect(reloads.announced.mock.calls).toEqual([[SEGMENT]]);
  expect(urls.locate).not.toHaveBeenCalled();
});

test('remembers the address of a segment at the broadcaster’s CDN', () => {
  const { subject, urls } = learned();
  subject.announced({ ...SEGMENT, ...LIST, injectors: [], url: 'https://cdn/5.ts' });
  expect(urls.locate.mock.calls).toEqual([[KEY, 'https://cdn/5.ts']]);
});

test('a part does not cause a playlist reload', () => {
  const { subject, reloads } = learned();
  subject.announced({ ...SEGMENT, part: 0, ...LIST, injectors: [] });
  expect(reloads.announced).not.toHaveBeenCalled();
});

test('P7: a piece list comes from the relay, without injectors', async () => {
  answersList();
  const { subject, lists, origin, dispatch } = learned();
  await subject.fetchList(SEGMENT);
  expect(lists.learn.mock.calls).toEqual([[SEGMENT, LIST, []]]);
  expect(origin.announced.mock.calls).toEqual([[KEY]]);
  expect(dispatch.mock.calls).toEqual([[{ type: 'list-ended', segment: SEGMENT }]]);
});

test('an announcement that arrived first keeps its injectors', async () => {
  answersList();
  const { subject, lists, dispatch } = learned(true);
  await subject.fetchList(SEGMENT);
  expect(lists.learn).not.toHaveBeenCalled();
  expect(dispatch).toHaveBeenCalledOnce();
});

test('a piece list that is not available ends the request', async () => {
  relay(() => new Response(null, { status: 404 }));
  const { subject, lists, dispatch } = learned();
  await subject.fetchList(SEGMENT);
  expect(lists.learn).not.toHaveBeenCalled();
  expect(dispatch.mock.calls).toEqual([[{ type: 'list-ended', segment: SEGMENT }]]);
});

test('reports nothing once closed', async () => {
  answersList();
  const { subject, lists, dispatch } = learned();
  const fetched = subject.fetchList(SEGMENT);
  subject.close();
  await fetched;
  expect(lists.learn).not.toHaveBeenCalled();
  expect(dispatch).not.toHaveBeenCalled();
});
