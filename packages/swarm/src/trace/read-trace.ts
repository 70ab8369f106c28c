import { type Millis, PieceSet } from '@freshet/protocol';
import type { TraceHeader } from './trace-recorder.ts';

export interface TraceStep {
  readonly now: Millis;
  readonly event: { readonly type: string };
  /** The commands as they were recorded, as JSON. */
  readonly commands: string;
}

export interface Trace {
  readonly header: TraceHeader;
  readonly steps: readonly TraceStep[];
}

/** @throws Error with the line's number when the text is not a trace of this version. */
export function readTrace(text: string): Trace {
  const [first = '', ...lines] = text.split('\n');
  const header = parsed(first, 1) as Partial<TraceHeader> | null;
  if (header?.format !== 'freshet-trace')
    throw new Error('Line 1 is not the header of a trace. Export the trace again.');
  if (header.version !== 1 || (header.core !== 'peer' && header.core !== 'tracker'))
    throw new Error('The trace was made by another version. Replay it with the version that made it.');
  return {
    header: header as TraceHeader,
    steps: lines.flatMap((line, i) => (line === '' ? [] : [stepOf(line, i + 2)])),
  };
}

function stepOf(line: string, number: number): TraceStep {
  const step = parsed(line, number);
  if (!Array.isArray(step) || typeof step[0] !== 'number' || !isEvent(step[1]) || !Array.isArray(step[2]))
    throw new Error(`Line ${number} is not a step: [time, event, commands].`);
  return { now: step[0], event: revived(step[1]) as TraceStep['event'], commands: JSON.stringify(step[2]) };
}

function isEvent(value: unknown): value is { readonly type: string } {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function parsed(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`Line ${number} is not JSON. The trace may be cut off.`);
  }
}

/** Sets of pieces are objects again. JSON has no infinite times: it writes null. */
function revived(value: unknown): unknown {
  if (value === null) return Number.POSITIVE_INFINITY;
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object') return value;
  const { of, pieces } = value as { of?: unknown; pieces?: unknown };
  if (typeof of === 'number' && Array.isArray(pieces)) return PieceSet.of(of, pieces as number[]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revived(item)]));
}
