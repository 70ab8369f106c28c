import * as v from 'valibot';

/** Whole and not negative. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));

export const bounded = (least: number, most: number) =>
  v.pipe(v.number(), v.minValue(least), v.maxValue(most));

export const fraction = bounded(0, 1);

export const millis = v.pipe(v.number(), v.minValue(0));
