export * from './clock/virtual-clock.ts';
export * from './player/player-model.ts';
export * from './source/source-segment.ts';
export * from './world/viewer-store.ts';
export * from './world/viewer-word.ts';
