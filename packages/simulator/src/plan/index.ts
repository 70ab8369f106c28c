/** What a page needs to run the simulator with a broadcaster's own numbers. Nothing here needs Node. */
export * from './audience.ts';
export * from './plan.ts';
