export * from './clock/virtual-clock.ts';
export * from './host/peer-host.ts';
export * from './host/tracker-host.ts';
export * from './host/viewer-store.ts';
export * from './host/viewer-word.ts';
export * from './player/player-model.ts';
export * from './source/source-segment.ts';
