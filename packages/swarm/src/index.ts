export * from './peer/peer-command.ts';
export * from './peer/peer-core.ts';
export * from './peer/peer-event.ts';
export * from './random.ts';
export * from './tracker/egress-gate.ts';
export * from './tracker/egress-meter.ts';
export * from './tracker/tracker-core.ts';
export * from './tracker/tracker-event.ts';
