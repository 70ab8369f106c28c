/** What slim-signalling.test.ts builds as pages do. */
export { Manager } from 'socket.io-client';
export { signallingParser } from '../signalling-parser.ts';
