export * from './peer/peer-command.ts';
export * from './peer/peer-event.ts';
export * from './tracker/tracker-event.ts';
