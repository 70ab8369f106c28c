export * from './egress/egress-gate.ts';
export * from './egress/egress-meter.ts';
export * from './peer/api/peer-command.ts';
export * from './peer/peer-core.ts';
export * from './peer/api/peer-event.ts';
export * from './tracker/tracker-core.ts';
export * from './tracker/tracker-event.ts';
export * from './util/random.ts';
export type { Feedback } from './peer/uplink/uplink-control.ts';
