/** How long a stream that loads may keep the controls away. */
export const CONTROLS_WITHIN_MS = 700;

/**
 * Defines the controls' elements, once however often it is called. Evaluating them takes a while on the thread that
 * the first picture waits for, so it is done when that is there, or will not come by itself.
 */
export async function loadControls(video: HTMLVideoElement): Promise<void> {
  try {
    await import('./media-chrome.ts');
  } catch {
    // Their file did not come: the browser's own controls are better than none.
    video.controls = true;
  }
}

/** The captions' button says whether they are on as a switch does, and calls itself a button, of which that makes no sense. */
export async function nameCaptionsSwitch(root: ShadowRoot | null): Promise<void> {
  await customElements.whenDefined('media-captions-button');
  root?.querySelector('media-captions-button')?.setAttribute('role', 'switch');
}

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
