import type { Millis } from '@freshet/protocol';

/** Calls an alarm off. */
export type CallOff = () => void;

/** A worker whose timers do what it is told: those of a hidden page fire once a second. */
const PROGRAM = 'onmessage=({data:[id,ms]})=>setTimeout(postMessage,ms,id)';

const pending = new Map<number, () => void>();
let lastId = 0;
/** Undefined: none was needed so far; null: this page may have none. */
let worker: Worker | null | undefined;

/**
 * Calls `ring` once after `ms`, on time also while the page is hidden, where it may start a worker from a blob. Where a
 * content security policy forbids that, hidden pages' alarms ring as late as their timers.
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
