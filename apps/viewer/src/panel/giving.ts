/**
 * The viewer's last choice whether to upload to others, stored by the browser for this site. If storage is blocked
 * (private windows, third-party frames), the choice lasts as long as the page.
 */
const CHOICE = 'freshet.giving';
/** Set once the viewer has opened the panel: the notice about sharing has been seen. */
const NOTICED = 'freshet.noticed';

const kept = new Map<string, string>();
const listeners = new Set<(giving: boolean) => void>();

/** Undefined: the viewer has never chosen. */
export function readChoice(): boolean | undefined {
  const choice = read(CHOICE);
  return choice === 'on' || choice === 'off' ? choice === 'on' : undefined;
}

/** Notifies every player of the page. */
export function writeGiving(giving: boolean): void {
  write(CHOICE, giving ? 'on' : 'off');
  for (const listener of listeners) listener(giving);
}

/** @returns the function that unsubscribes. */
export function onGiving(listener: (giving: boolean) => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export function wasNoticed(): boolean {
  return read(NOTICED) === 'yes';
}

export function markNoticed(): void {
  write(NOTICED, 'yes');
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key) ?? kept.get(key) ?? null;
  } catch {
    return kept.get(key) ?? null;
  }
}

function write(key: string, value: string): void {
  kept.set(key, value);
  try {
    localStorage.setItem(key, value);
  } catch {
    // Blocked or full: `kept` holds it for this page.
  }
}
