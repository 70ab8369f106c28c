/** A non-breaking space, which keeps a figure and its unit together. */
const GAP = '\u00a0';

/** Bytes in decimal units, with as few digits as needed: `0 kB`, `640 kB`, `42.1 MB`, `1.24 GB`. */
export function formatBytes(bytes: number): string {
  if (!(bytes > 0)) return `0${GAP}kB`;
  if (bytes < 999_500) return `${Math.max(1, Math.round(bytes / 1e3))}${GAP}kB`;
  if (bytes < 99_950_000) return `${(bytes / 1e6).toFixed(1)}${GAP}MB`;
  if (bytes < 999_500_000) return `${Math.round(bytes / 1e6)}${GAP}MB`;
  return `${(bytes / 1e9).toFixed(2)}${GAP}GB`;
}

/** A share from 0 to 1. Rounded down, so that 100 % means all of it. */
export function formatShare(share: number): string {
  const percent = Number.isFinite(share) ? Math.floor(Math.min(1, Math.max(0, share)) * 100 + 1e-9) : 0;
  return `${percent}${GAP}%`;
}

/** Seconds with one decimal; a dash if unknown. */
export function formatSeconds(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '–';
  return `${Math.max(0, seconds).toFixed(1)}${GAP}s`;
}

/** `3 direct, 1 relayed`: the kinds with a count above 0, each count written by `format`. */
export function formatKinds(
  kinds: Readonly<Record<string, number>>,
  format: (count: number) => string = String,
): string {
  const there = Object.entries(kinds).filter(([, count]) => count > 0);
  return there.map(([kind, count]) => `${format(count)}${GAP}${kind}`).join(', ');
}

/** `1 viewer`, `5 viewers`, with the noun's plural made by `s`. */
export function formatCount(count: number, noun: string): string {
  return `${count}${GAP}${noun}${count === 1 ? '' : 's'}`;
}
