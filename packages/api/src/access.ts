import * as v from 'valibot';

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(256));

/** Exactly one of the three. */
export const RevocationRequest = v.union(
  [v.strictObject({ sub: text }), v.strictObject({ jti: text }), v.strictObject({ all: v.literal(true) })],
  'Name one of sub, jti, or all: true.',
);

export const RevocationResult = v.object({
  ended: v.pipe(
    v.number(),
    v.integer(),
    v.description(
      'Viewers that were removed from the swarm at once. Players without sharing are not counted',
    ),
  ),
});
