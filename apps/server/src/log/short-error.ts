/** What a log line shows of an error. */
export interface ShownError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

/** Longer messages are cut: they may contain what somebody sent. */
const MAX_MESSAGE = 200;
const MAX_FRAMES = 8;
const MAX_FRAME = 200;

/**
 * Reduces an error for the log. Its other properties are left out: those of Node's HTTP parser contain the packet,
 * cookies included, and those of a parser of bodies the body.
 */
export function shortError(error: unknown): ShownError {
  if (!(error instanceof Error)) return { type: typeof error, message: cut(String(error), MAX_MESSAGE) };
  const { name, message, stack } = error;
  const code = 'code' in error ? error.code : undefined;
  // The message stands in the stack too, and may have lines that look like frames.
  const frames = (stack ?? '')
    .replace(message, '')
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, MAX_FRAMES)
    .map((frame) => cut(frame.trim(), MAX_FRAME));
  return {
    type: cut(name, 60),
    message: cut(message, MAX_MESSAGE),
    ...(typeof code === 'string' && { code: cut(code, 60) }),
    ...(frames.length > 0 && { stack: frames.join('\n') }),
  };
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
