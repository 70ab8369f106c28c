import type { ControlApi } from './api.ts';

/** What fills the page below its head. */
export interface View {
  readonly title: string;
  readonly element: HTMLElement;
  /** For who is not signed in. */
  readonly isPublic?: boolean;
  /** Asks the server for news and shows them; called again and again while the page is seen. */
  readonly refresh?: () => Promise<void>;
  readonly close?: () => void;
}

/** What views share. */
export interface ViewParts {
  readonly api: ControlApi;
  /** The server's root, ending in `/`. */
  readonly server: string;
  /** One sentence above everything; undefined takes it away. */
  readonly show: (message: string | undefined) => void;
  /** Shows an error, or leads to signing in where that is what is missing. */
  readonly failed: (error: unknown) => void;
  /** Ask for news now. */
  readonly refresh: () => void;
}
