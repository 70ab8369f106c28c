/** Runs `task` now and then `intervalMs` after each end, as long as the page lives; not while it is hidden. */
export function poll(task: () => Promise<void>, intervalMs: number): void {
  const run = async (): Promise<void> => {
    if (!document.hidden) await task();
    setTimeout(() => void run(), intervalMs);
  };
  void run();
}
