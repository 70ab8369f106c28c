import { definePlayer, FreshetPlayer } from '../player/freshet-player.ts';
import { readScriptTag } from './script-tag.ts';

/**
 * `<script src="https://host/embed.js" data-stream="live"></script>` puts a player after the tag. It is a classic
 * script. A page may have several tags, and each runs this file again. The only global is `freshet`.
 */
interface Namespace {
  /** The page's players, in order of creation. */
  readonly players: FreshetPlayer[];
  /** Puts a player after a script tag, once. */
  readonly mount: (script: HTMLScriptElement) => void;
}

declare global {
  interface Window {
    freshet?: Namespace;
  }
}

/** @param name of a function of the page, which may be defined after the script tag */
async function makeToken(name: string): Promise<string> {
  const make: unknown = Reflect.get(window, name);
  const token = typeof make === 'function' ? await (make as () => unknown)() : undefined;
  if (typeof token === 'string') return token;
  const problem = `freshet: data-token-function="${name}" must name a function that returns a token`;
  console.error(problem);
  throw new TypeError(problem);
}

function createNamespace(): Namespace {
  const players: FreshetPlayer[] = [];
  const mounted = new WeakSet<HTMLScriptElement>();
  definePlayer();
  return {
    players,
    mount(script) {
      if (mounted.has(script)) return;
      mounted.add(script);
      const attributes = readScriptTag(script);
      if (typeof attributes === 'string') {
        console.error(attributes);
        return;
      }
      if (script.closest('body') === null) {
        console.error('freshet: put the script tag into the body, where the player should appear');
        return;
      }
      const player = document.createElement('freshet-player');
      const { tokenFunction } = script.dataset;
      if (tokenFunction !== undefined && player instanceof FreshetPlayer)
        player.token = () => makeToken(tokenFunction);
      for (const [name, value] of Object.entries(attributes)) player.setAttribute(name, value);
      script.after(player);
      if (player instanceof FreshetPlayer) players.push(player);
    },
  };
}

const { mount } = (window.freshet ??= createNamespace());
const current = document.currentScript;
if (current instanceof HTMLScriptElement && current.dataset['stream'] !== undefined) mount(current);
// The file was loaded as a module or by a loader, so no tag runs it itself.
else document.querySelectorAll<HTMLScriptElement>('script[data-stream][src*="embed.js"]').forEach(mount);
