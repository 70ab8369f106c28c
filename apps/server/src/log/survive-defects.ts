import type { Logger } from 'pino';

/** More errors in a minute than this are no accident: the server exits, and its service manager starts it again. */
const MAX_PER_MINUTE = 10;
const MINUTE_MS = 60_000;

/**
 * The last net under every handler, poller and timer: an error that nobody caught is logged, and the streams go on. The
 * handlers catch their own errors; what arrives here is a defect.
 * @param exit ends the process; tests pass their own
 */
export function surviveDefects(
  log: Logger,
  exit = (code: number): void => process.exit(code),
): (error: unknown) => void {
  const times: number[] = [];
  const caught = (error: unknown) => {
    const now = performance.now();
    times.push(now);
    while (now - (times[0] ?? now) > MINUTE_MS) times.shift();
    if (times.length <= MAX_PER_MINUTE) {
      log.error({ err: error }, 'an error that no handler caught; the server goes on');
      return;
    }
    log.fatal({ err: error }, `more than ${MAX_PER_MINUTE} such errors in a minute: exiting`);
    exit(1);
  };
  process.on('uncaughtException', caught);
  process.on('unhandledRejection', caught);
  return caught;
}
