import type { AuditAction, AuditEntry } from '../api.ts';

const ACTIONS: Readonly<Record<AuditAction, string>> = {
  'sign-in': 'Signed in',
  'sign-in-refused': 'Sign-in refused',
  'sign-out': 'Signed out',
  price: 'Changed the price',
  'add-stream': 'Added',
  'edit-stream': 'Changed',
  'remove-stream': 'Removed',
  sharing: 'Changed the sharing of',
  'start-rehearsal': 'Started a rehearsal of',
  'stop-rehearsal': 'Stopped the rehearsal of',
};

/** A stream's name may follow. */
export function actionText(action: AuditAction): string {
  return ACTIONS[action];
}

const FIELDS: Readonly<Record<string, string>> = {
  costPerGb: 'price per gigabyte',
  currency: 'currency',
  running: 'running',
  source: 'source',
  mode: 'sharing',
  uploadLimitKbps: 'upload limit in kbit/s',
  uploadBudgetMb: 'upload budget in megabytes',
  cellular: 'cellular networks',
  rampPercent: 'ramp in percent',
  holdOutPercent: 'control group in percent',
  moreBefore: 'more in the minutes before',
};

/** One text for each field that changed. */
export function changeText(before: AuditEntry['before'] = {}, after: AuditEntry['after'] = {}): string[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields.map((field) => {
    const [was, is] = [valueText(before[field]), valueText(after[field])];
    const name = FIELDS[field] ?? field;
    if (was === undefined) return `${name}: ${is ?? ''}`;
    if (is === undefined) return `${name}: was ${was}`;
    return was === is ? `${name}: ${is} (its path or secret changed)` : `${name}: ${was} → ${is}`;
  });
}

function valueText(value: string | number | boolean | null | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return 'not set';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}
