import * as v from 'valibot';
import type { Immutable } from './immutable.ts';
import { API_LIMITS } from './limits.ts';
import { bounded } from './numbers.ts';

export const Money = v.strictObject({
  costPerGb: v.pipe(
    v.nullable(bounded(0, API_LIMITS.costPerGb)),
    v.description('The price of a gigabyte (1e9 bytes) that leaves the server. null: unknown'),
  ),
  currency: v.pipe(
    v.string(),
    v.regex(/^[A-Z]{3}$/, 'Use three letters, such as EUR'),
    v.description('Three letters, as in ISO 4217'),
  ),
});
export type Money = Immutable<v.InferOutput<typeof Money>>;
