import type {
  FragmentLoaderConstructor,
  FragmentLoaderContext,
  LoaderCallbacks,
  LoaderConfiguration,
} from 'hls.js';

/** What the player was given for one segment. */
export interface Delivery {
  readonly url: string;
  readonly bytes: number;
  /** Of the bytes, in hexadecimal digits. */
  readonly sha256: string;
}

/** The loader with a pair of eyes between it and the player: hashes whatever it hands over, before the player has it. */
export function recording(
  Loader: FragmentLoaderConstructor,
  deliveries: Delivery[],
): FragmentLoaderConstructor {
  return class RecordingLoader extends Loader {
    override load(
      context: FragmentLoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): void {
      super.load(context, config, {
        ...callbacks,
        onSuccess: (response, stats, given, details) => {
          // The player transfers the buffer to its worker, so the copy is made first.
          if (response.data instanceof ArrayBuffer)
            void record(context.url, response.data.slice(0), deliveries);
          callbacks.onSuccess(response, stats, given, details);
        },
      });
    }
  };
}

async function record(url: string, data: ArrayBuffer, deliveries: Delivery[]): Promise<void> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  deliveries.push({ url, bytes: data.byteLength, sha256 });
}
