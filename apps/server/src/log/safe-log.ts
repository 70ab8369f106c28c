import type { Logger } from 'pino';
import { shortError } from './short-error.ts';

/** The logger of the server: errors are reduced to their message and the place in our code. */
export function safeLog(log: Logger): Logger {
  return log.child({}, { serializers: { err: shortError, error: shortError } });
}
