/** The log of the debug option. It never contains media bytes or addresses of other viewers. */
export type Log = (message: string, details?: Readonly<Record<string, unknown>>) => void;

export function makeLog(debug: boolean): Log {
  if (!debug) return () => undefined;
  return (message, details) => {
    console.debug(`[freshet] ${message}`, details ?? '');
  };
}
