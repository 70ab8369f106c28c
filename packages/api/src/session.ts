import * as v from 'valibot';
import type { Immutable } from './immutable.ts';
import { API_LIMITS } from './limits.ts';

export const SignIn = v.strictObject({
  token: v.pipe(v.string(), v.maxLength(API_LIMITS.tokenLength)),
});

export const Session = v.object({ signedIn: v.boolean() });

/** The body of every response with status 400 or above. */
export const Failure = v.object({
  error: v.pipe(v.string(), v.description('What is wrong, and what to do')),
});
export type Failure = Immutable<v.InferOutput<typeof Failure>>;
