import type {
  FragmentLoaderConstructor,
  FragmentLoaderContext,
  LoaderCallbacks,
  LoaderConfiguration,
} from 'hls.js';

/** The data that the player received for one segment. */
export interface Delivery {
  readonly url: string;
  readonly bytes: number;
  /** SHA-256 of the data, in hexadecimal digits. */
  readonly sha256: string;
}

/** Wraps a loader and hashes everything that it delivers, before the player gets it. */
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
