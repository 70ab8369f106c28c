export * from './clock/virtual-clock.ts';
export * from './player/player-model.ts';
export * from './source/source-segment.ts';
