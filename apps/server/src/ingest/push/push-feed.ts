import type { Millis } from '@freshet/protocol';
import { startSource, type SourceOptions } from '../../source/hls-source.ts';
import type { Feed } from '../../stream/live-stream.ts';
import { UPLOAD_ENTRY, UploadStore } from '../upload/upload-store.ts';
import type { PushIntake } from './push-intake.ts';

export interface PushFeedOptions extends Omit<SourceOptions, 'fetcher' | 'url'> {
  readonly intake: PushIntake;
  /** The secret that the encoder needs. */
  readonly key: string;
  /** Milliseconds since 1970, by a clock that never jumps. */
  readonly wallClock: () => Millis;
  /** Called with the size of each file. */
  readonly onUpload: (bytes: number) => void;
}

/** Fills a stream from the files that an encoder pushes to `/ingest/<stream>/<key>/`. */
export function startPush(options: PushFeedOptions): Feed {
  const { intake, key, stream, wallClock, onUpload, lowLatency } = options;
  const store = new UploadStore({ wallClock, onUpload, parts: lowLatency === true });
  intake.open(stream.name, key, store);
  const following = startSource({ ...options, url: UPLOAD_ENTRY, fetcher: store });
  return {
    stop: async () => {
      intake.close(stream.name);
      await following.stop();
    },
  };
}
