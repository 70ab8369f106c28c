import type { Millis } from '@freshet/protocol';

/** Cancels an alarm. */
export type CallOff = () => void;

/** The program of a worker that sets timers for the page: those of a hidden page fire only once a second. */
const PROGRAM = 'onmessage=({data:[id,ms]})=>setTimeout(postMessage,ms,id)';

const pending = new Map<number, () => void>();
let lastId = 0;
/** Undefined: not needed so far. Null: this page cannot have one. */
let worker: Worker | null | undefined;

/**
 * Calls `ring` once after `ms`, on time even while the page is hidden; there it may start a worker from a blob. Where a
 * Content-Security-Policy forbids that worker, the alarms of hidden pages ring as late as their timers.
 */
export function setAlarm(ring: () => void, ms: Millis): CallOff {
  if (typeof document === 'undefined' || !document.hidden || startWorker() === null) {
    const timer = setTimeout(ring, ms);
    return () => {
      clearTimeout(timer);
    };
  }
  const id = ++lastId;
  pending.set(id, ring);
  worker?.postMessage([id, ms]);
  return () => {
    pending.delete(id);
  };
}

function startWorker(): Worker | null {
  if (worker !== undefined) return worker;
  try {
    worker = new Worker(URL.createObjectURL(new Blob([PROGRAM])));
    worker.onmessage = ({ data }: MessageEvent<number>) => {
      ring(data);
    };
    worker.onerror = () => {
      worker = null;
      for (const id of pending.keys()) ring(id);
    };
  } catch {
    worker = null;
  }
  return worker;
}

function ring(id: number): void {
  const alarm = pending.get(id);
  pending.delete(id);
  alarm?.();
}
