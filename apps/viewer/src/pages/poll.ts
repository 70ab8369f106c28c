/** Runs `task` now and again `intervalMs` after each run, as long as the page is open, but not while it is hidden. */
export function poll(task: () => Promise<void>, intervalMs: number): void {
  const run = async (): Promise<void> => {
    if (!document.hidden) await task();
    setTimeout(() => void run(), intervalMs);
  };
  void run();
}
