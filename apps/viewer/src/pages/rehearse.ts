import { find, setText } from '@freshet/ui';
import { definePlayer, FreshetPlayer } from '../player/freshet-player.ts';
import { serverOfWatchPage, streamOfWatchPage } from '../urls.ts';

/** Interval at which the page asks whether a rehearsal is running, with a random spread between pages. */
const ASK_MS = 2000;
const SPREAD_MS = 500;

const server = serverOfWatchPage(location.href);
const stream = streamOfWatchPage(location.href) ?? '';
/** A viewer that the server opened. The server counts those itself. */
const isHeadless = new URLSearchParams(location.search).has('now');
/** Identifies this page to the server, which counts open pages. */
const own = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) =>
  byte.toString(16).padStart(2, '0'),
).join('');
const said = find(document, '#said');
const stage = find(document, '#stage');
const join = find(document, '#join', HTMLButtonElement);
let player: FreshetPlayer | undefined;

document.title = `Rehearsal of ${stream} · Freshet`;
find(document, 'h1').textContent = `Rehearsal of ${stream}`;
definePlayer();
join.addEventListener('click', takePart);
if (isHeadless) takePart();

function takePart(): void {
  join.hidden = true;
  void ask();
}

async function ask(): Promise<void> {
  try {
    const query = isHeadless ? '' : `?page=${own}`;
    const response = await fetch(new URL(`rehearse/${stream}/pass${query}`, server));
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const { pass } = (await response.json()) as { readonly pass: string | null };
    if (pass === null) leave();
    else if (player?.getAttribute('token') !== pass) play(pass);
  } catch {
    // A page that plays continues: the server may be back in a moment.
    if (player === undefined)
      setText(said, 'Cannot reach the server, or it offers no rehearsals. Trying again…');
  }
  setTimeout(() => void ask(), ASK_MS + SPREAD_MS * (2 * Math.random() - 1));
}

function play(pass: string): void {
  leave();
  setText(said, 'The rehearsal is running. Keep this page in front.');
  const made = new FreshetPlayer();
  const attributes = { server, stream, autoplay: '', muted: '', panel: 'none', token: pass };
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  // The click on the button is the consent to upload, whatever the stream's consent mode. It is not remembered.
  made.addEventListener('statistics', () => {
    if (made.statistics?.uploads === false) made.freshet?.setUploads(true);
  });
  stage.replaceChildren(made);
  player = made;
}

function leave(): void {
  stage.replaceChildren();
  player = undefined;
  setText(said, 'Waiting for the rehearsal to start. Keep this page open and in front.');
}
