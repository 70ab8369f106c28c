/** The longest time that a loading stream delays the controls. */
export const CONTROLS_WITHIN_MS = 700;

/**
 * Defines the controls' elements, once however often it is called. Evaluating them takes a while on the thread that the
 * first picture needs, so it is called when the picture is there, or will not come by itself.
 */
export async function loadControls(video: HTMLVideoElement): Promise<void> {
  try {
    await import('./media-chrome.ts');
  } catch {
    // Their file failed to load: the browser's own controls are better than none.
    video.controls = true;
  }
}

/**
 * Gives the captions button the role of a switch. It reports its state like a switch, which is invalid for its role of
 * a button.
 */
export async function nameCaptionsSwitch(root: ShadowRoot | null): Promise<void> {
  await customElements.whenDefined('media-captions-button');
  root?.querySelector('media-captions-button')?.setAttribute('role', 'switch');
}

/** The player's live position and edge for the controls, in the terms of the Media UI extensions. */
export interface LiveEdge {
  readonly livePosition: number | undefined;
  readonly liveEdgeStart: number;
}

/**
 * Tells the controls the live position. By default they use the end of the seekable range, where nothing is loaded yet,
 * so the live button would stall the picture.
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
