/** What slim-signalling.test.ts builds as pages do. */
export { Manager } from 'socket.io-client';
export { socketioParser } from '../tracker/socketio-parser.ts';
