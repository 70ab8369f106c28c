import type { TrackerEvents, ViewerEvents } from '@freshet/protocol';
import type { Server, Socket } from 'socket.io';

export type ViewerSocket = Socket<ViewerEvents, TrackerEvents>;
export type ViewerServer = Server<ViewerEvents, TrackerEvents>;
