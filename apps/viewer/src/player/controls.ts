/** The controls that the player's template uses, of media-chrome; each import defines its element. */
import 'media-chrome/media-captions-button';
import 'media-chrome/media-control-bar';
import 'media-chrome/media-controller';
import 'media-chrome/media-fullscreen-button';
import 'media-chrome/media-live-button';
import 'media-chrome/media-loading-indicator';
import 'media-chrome/media-mute-button';
import 'media-chrome/media-pip-button';
import 'media-chrome/media-play-button';
import 'media-chrome/media-volume-range';

/** What the controls ask of the player about live, in the terms of the Media UI extensions. */
export interface LiveEdge {
  readonly livePosition: number | undefined;
  readonly liveEdgeStart: number;
}

/**
 * Tells the controls where live is. By themselves they take the end of the seekable range for it, where nothing is
 * loaded yet: the live button would stall the picture.
 */
export function bindLiveEdge(
  video: HTMLVideoElement,
  button: Element,
  edge: () => LiveEdge | undefined,
): void {
  Object.defineProperty(video, 'liveEdgeStart', { get: () => edge()?.liveEdgeStart ?? Number.NaN });
  button.addEventListener('mediaseektoliverequest', (event) => {
    event.stopImmediatePropagation();
    const position = edge()?.livePosition;
    if (position !== undefined) video.currentTime = position;
  });
}
