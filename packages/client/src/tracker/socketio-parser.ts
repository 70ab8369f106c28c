import { LIMITS } from '@freshet/protocol';
import { Decoder, Encoder } from 'socket.io-parser';

/**
 * socket.io's own parser accepts at most 10 binary attachments in a packet and closes the connection at one with more.
 * A welcome has a piece list for each segment of the window, which is more as soon as there are two renditions.
 */
class WelcomingDecoder extends Decoder {
  constructor() {
    super({ maxAttachments: LIMITS.announcementsInJoin });
  }
}

export const socketioParser = { Encoder, Decoder: WelcomingDecoder };
