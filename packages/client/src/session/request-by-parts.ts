import type { PartSize } from '@freshet/protocol';
import type { LoadingTimes } from '../hlsjs/bandwidth-sample.ts';
import type { SegmentRequest } from '../hlsjs/segment-source.ts';

/**
 * Requests a segment by its parts. Answers when all have arrived, or when the first one fails. Reports no progress: the
 * rate of one arriving part says nothing about the whole.
 * @param ask requests one part.
 * @returns a function that withdraws what is left of the request
 */
export function requestByParts(
  request: SegmentRequest,
  parts: readonly PartSize[],
  ask: (part: SegmentRequest) => () => void,
): () => void {
  const came: { readonly body: ArrayBuffer; readonly times: LoadingTimes }[] = [];
  const cancels: (() => void)[] = [];
  let left = parts.length;
  let mediaStart = request.mediaStart;
  const cancel = () => {
    for (const withdraw of cancels) withdraw();
  };
  for (const [index, { durationMs }] of parts.entries()) {
    const part: SegmentRequest = {
      ...request,
      segment: { ...request.segment, part: index },
      durationMs,
      mediaStart,
      onSegment: (body, times) => {
        came[index] = { body, times };
        if (--left === 0) request.onSegment(joined(came), joinedTimes(came, times));
      },
      onFailed: (status) => {
        cancel();
        request.onFailed(status);
      },
      onProgress: () => undefined,
    };
    cancels.push(ask(part));
    mediaStart += durationMs / 1000;
  }
  return cancel;
}

function joined(came: readonly { readonly body: ArrayBuffer }[]): ArrayBuffer {
  const whole = new Uint8Array(came.reduce((sum, { body }) => sum + body.byteLength, 0));
  let at = 0;
  for (const { body } of came) {
    whole.set(new Uint8Array(body), at);
    at += body.byteLength;
  }
  return whole.buffer;
}

/** The timings as if one part had come after the other, each at its own rate. */
function joinedTimes(came: readonly { readonly times: LoadingTimes }[], last: LoadingTimes): LoadingTimes {
  const first = last.end - came.reduce((sum, { times }) => sum + times.end - times.first, 0);
  return { start: first - (last.first - last.start), first, end: last.end };
}
