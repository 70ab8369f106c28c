/** Runs the simulator in a page, with a broadcaster's own numbers. Nothing here needs Node. */
export * from './audience.ts';
export * from './plan.ts';
