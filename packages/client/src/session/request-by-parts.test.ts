import { expect, test, vi } from 'vitest';
import type { SegmentRequest } from '../hlsjs/segment-source.ts';
import { requestByParts } from './request-by-parts.ts';

const SEGMENT = { epoch: 1, rendition: '0a0b0c0d', msn: 5 };
const PARTS = [
  { bytes: 2, durationMs: 500 },
  { bytes: 1, durationMs: 400 },
];
const body = (...bytes: number[]) => Uint8Array.from(bytes).buffer;

function divided() {
  const asked: SegmentRequest[] = [];
  const withdrawn: (number | undefined)[] = [];
  const told = {
    onSegment: vi.fn<SegmentRequest['onSegment']>(),
    onFailed: vi.fn(),
    onProgress: vi.fn(),
  };
  const request = { segment: SEGMENT, kind: 'main', durationMs: 900, mediaStart: 20, ...told };
  const cancel = requestByParts(request, PARTS, (part) => {
    asked.push(part);
    return () => {
      withdrawn.push(part.segment.part);
    };
  });
  return { asked, withdrawn, told, cancel };
}

test('requests each part with its own duration and position on the timeline', () => {
  expect(divided().asked).toMatchObject([
    { segment: { ...SEGMENT, part: 0 }, kind: 'main', durationMs: 500, mediaStart: 20 },
    { segment: { ...SEGMENT, part: 1 }, kind: 'main', durationMs: 400, mediaStart: 20.5 },
  ]);
});

test('joins the parts to the segment in any order of arrival, at the rate of both together', () => {
  const { asked, told } = divided();
  asked[1]?.onSegment(body(3), { start: 170, first: 180, end: 200 });
  expect(told.onSegment).not.toHaveBeenCalled();
  asked[0]?.onSegment(body(1, 2), { start: 220, first: 230, end: 300 });
  const [whole, times] = told.onSegment.mock.calls[0] ?? [];
  expect([...new Uint8Array(whole ?? body())]).toEqual([1, 2, 3]);
  expect(times).toEqual({ start: 200, first: 210, end: 300 });
});

test('a part that fails ends the request once, and withdraws the others', () => {
  const { asked, told, withdrawn } = divided();
  asked[0]?.onSegment(body(1, 2), { start: 0, first: 1, end: 2 });
  asked[1]?.onFailed(404);
  expect(told.onFailed).toHaveBeenCalledExactlyOnceWith(404);
  expect(withdrawn).toEqual([0, 1]);
  expect(told.onSegment).not.toHaveBeenCalled();
});

test('withdraws the parts when the request is withdrawn', () => {
  const { cancel, withdrawn } = divided();
  cancel();
  expect(withdrawn).toEqual([0, 1]);
});
