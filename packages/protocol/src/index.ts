export * from './frames.ts';
export * from './ids.ts';
export * from './limits.ts';
export * from './piece-set.ts';
export * from './pieces.ts';
export * from './policy.ts';
export * from './signalling.ts';
export * from './version.ts';
