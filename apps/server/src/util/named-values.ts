import * as v from 'valibot';

/**
 * A schema for an object from names to values, as entries. valibot's own `record` drops names such as `constructor`,
 * which is a valid name of a stream.
 */
export function namedValues<
  Name extends v.GenericSchema<unknown, string>,
  Value extends v.GenericSchema<unknown, unknown>,
>(name: Name, value: Value) {
  return v.pipe(
    v.custom<object>((input) => typeof input === 'object' && input !== null && !Array.isArray(input)),
    v.transform((object): [unknown, unknown][] => Object.entries(object)),
    v.array(v.tuple([name, value])),
  );
}
