import type { ControlApi } from '../api.ts';

/** The content of the page below its header. */
export interface View {
  readonly title: string;
  readonly element: HTMLElement;
  /** Shown without signing in. */
  readonly isPublic?: boolean;
  /** Fetches and shows the current state; called repeatedly while the page is visible. */
  readonly refresh?: () => Promise<void>;
  readonly close?: () => void;
}

/** The parts that views share. */
export interface ViewParts {
  readonly api: ControlApi;
  /** The server's root, ending in `/`. */
  readonly server: string;
  /** Shows a sentence above the view; undefined removes it. */
  readonly show: (message: string | undefined) => void;
  /** Shows an error, or the sign-in view after a response with status 401. */
  readonly failed: (error: unknown) => void;
  /** Refreshes the view now. */
  readonly refresh: () => void;
}
