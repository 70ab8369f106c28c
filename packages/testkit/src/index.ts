export { VirtualClock } from '@freshet/simulator';
export * from './lab/lab-observer.ts';
export * from './lab/lab-viewer.ts';
export * from './lab/swarm-figures.ts';
export * from './lab/swarm-lab.ts';
export * from './lab/viewer-links.ts';
export * from './story-seed.ts';
