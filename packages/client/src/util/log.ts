/** For the debug option. Media bytes and addresses of other viewers never go in here. */
export type Log = (message: string, details?: Readonly<Record<string, unknown>>) => void;

export function makeLog(debug: boolean): Log {
  if (!debug) return () => undefined;
  return (message, details) => {
    console.debug(`[freshet] ${message}`, details ?? '');
  };
}
