/** The code that slim-signalling.test.ts bundles as for pages. */
export { Manager } from 'socket.io-client';
export { socketioParser } from '../tracker/socketio-parser.ts';
