import type { AuditAction, AuditEntry } from '@freshet/api';
import type { StreamName } from '@freshet/protocol';
import { shownSource } from '../config/source-kind.ts';
import type { GuardedRoute, HandlerParts } from './handlers.ts';

type Values = Readonly<Record<string, string | number | boolean | null>>;

/** The routes that change something. */
const ACTIONS: Readonly<Partial<Record<GuardedRoute, AuditAction>>> = {
  'PUT /money': 'price',
  'POST /streams': 'add-stream',
  'PATCH /streams/{name}': 'edit-stream',
  'DELETE /streams/{name}': 'remove-stream',
  'PUT /streams/{name}/sharing': 'sharing',
  'POST /streams/{name}/rehearsal': 'start-rehearsal',
  'DELETE /streams/{name}/rehearsal': 'stop-rehearsal',
};

/** What a change is described from. */
interface Snapshot {
  readonly values: Values;
  /** With its secrets: only compared, never recorded. */
  readonly url: string | undefined;
}

const NOTHING: Snapshot = { values: {}, url: undefined };

/**
 * Call it before a change. @returns a function that describes it afterwards; undefined for routes that change nothing
 * @param name of the stream; empty for routes without one
 */
export function watchChange(
  route: GuardedRoute,
  parts: HandlerParts,
  name: StreamName,
): (() => Pick<AuditEntry, 'action' | 'stream' | 'before' | 'after'>) | undefined {
  const action = ACTIONS[route];
  if (action === undefined) return undefined;
  const before = snapshot(action, parts, name);
  return () => {
    const after = snapshot(action, parts, name);
    const moved = before.url !== undefined && after.url !== undefined && before.url !== after.url;
    const changed = (fields: Values, others: Values) =>
      Object.fromEntries(
        Object.entries(fields).filter(([key, value]) => value !== others[key] || (moved && key === 'source')),
      );
    const was = changed(before.values, after.values);
    const is = changed(after.values, before.values);
    return {
      action,
      ...(name !== '' && { stream: name }),
      ...(Object.keys(was).length > 0 && { before: was }),
      ...(Object.keys(is).length > 0 && { after: is }),
    };
  };
}

function snapshot(action: AuditAction, { file, streams }: HandlerParts, name: StreamName): Snapshot {
  if (action === 'price') return { values: file.kept.money, url: undefined };
  const stream = streams.all().find((candidate) => candidate.name === name);
  if (stream === undefined || action.endsWith('rehearsal')) return NOTHING;
  const { url, running, sharing } = stream;
  if (action === 'sharing') return { values: sharing, url };
  return { values: { running, ...(url !== undefined && { source: shownSource(url) }) }, url };
}
