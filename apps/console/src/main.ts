import { find } from '@freshet/ui';
import { ApiError, controlApi } from './api.ts';
import { auditView } from './views/audit-view.ts';
import { overviewView } from './views/overview-view.ts';
import { planView } from './plan/plan-view.ts';
import { signInView } from './views/sign-in-view.ts';
import { streamView } from './views/stream-view.ts';
import type { View, ViewParts } from './views/view.ts';

/** The time between two refreshes of a view while the page is visible. */
const REFRESH_MS = 2000;

const api = controlApi(new URL('../control/', location.href).href);
const place = find(document, '#view');
const trouble = find(document, '#trouble');
const signOut = find(document, '#sign-out', HTMLButtonElement);
let view: View | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

const parts: ViewParts = {
  api,
  server: new URL('..', location.href).href,
  show: (message) => {
    trouble.textContent = message ?? '';
    trouble.hidden = message === undefined;
  },
  failed: (error) => {
    if (error instanceof ApiError && error.status === 401) open(signInView(parts, start));
    else if (error instanceof ApiError && error.status === 404) location.hash = '#/';
    else parts.show(error instanceof Error ? error.message : String(error));
  },
  refresh: () => void refresh(),
};

function open(next: View): void {
  clearTimeout(timer);
  view?.close?.();
  view = next;
  parts.show(undefined);
  signOut.hidden = next.isPublic ?? false;
  place.replaceChildren(next.element);
  document.title = `${next.title} · Freshet`;
  void refresh();
}

async function refresh(): Promise<void> {
  clearTimeout(timer);
  const asking = view;
  if (asking?.refresh === undefined) return;
  try {
    if (!document.hidden) {
      await asking.refresh();
      if (view === asking) parts.show(undefined);
    }
  } catch (error) {
    if (view === asking) parts.failed(error);
  }
  if (view !== asking) return;
  clearTimeout(timer);
  timer = setTimeout(() => void refresh(), REFRESH_MS);
}

function start(): void {
  const name = /^#\/stream\/([\w-]+)$/.exec(location.hash)?.[1];
  if (name !== undefined) open(streamView(parts, name));
  else if (location.hash === '#/history') open(auditView(parts));
  else open(location.hash === '#/plan' ? planView(parts) : overviewView(parts));
}

addEventListener('hashchange', start);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void refresh();
});
signOut.addEventListener('click', () => {
  void api.signOut().then(() => {
    open(signInView(parts, start));
  }, parts.failed);
});
start();
