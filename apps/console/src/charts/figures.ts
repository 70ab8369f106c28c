import { formatBytes, formatKinds, formatSeconds, formatShare } from '@freshet/ui';
import type { LinksByKind } from '../api.ts';

const GAP = '\u00a0';

/** `640 kbit/s`, `42.1 Mbit/s`, `1.24 Gbit/s`. */
export function formatRate(kbps: number): string {
  if (kbps < 999.5) return `${Math.round(kbps)}${GAP}kbit/s`;
  if (kbps < 999_500) return `${(kbps / 1000).toFixed(1)}${GAP}Mbit/s`;
  return `${(kbps / 1e6).toFixed(2)}${GAP}Gbit/s`;
}

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** The number of decimals depends on the amount: `0.012 EUR`, `22.50 EUR`, `9,000 EUR`. */
export function formatMoney(amount: number | undefined, currency: string): string {
  if (amount === undefined) return '–';
  if (amount >= 100) return `${WHOLE.format(amount)}${GAP}${currency}`;
  const digits = amount === 0 || amount >= 1 ? 2 : amount < 0.01 ? 4 : 3;
  return `${amount.toFixed(digits)}${GAP}${currency}`;
}

export function formatMs(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return ms < 1000 ? `${Math.round(ms)}${GAP}ms` : formatSeconds(ms / 1000);
}

/** A dash if the value is unknown. */
export function formatNumber(value: number | undefined, digits = 1): string {
  return value === undefined ? '–' : value.toFixed(digits);
}

/** `80 % direct, 20 % relayed` */
export function formatKindShares(kinds: LinksByKind): string {
  const all = Object.values(kinds).reduce((sum, count) => sum + count, 0);
  return formatKinds(kinds, (count) => formatShare(count / all));
}

export { formatBytes, formatKinds };
