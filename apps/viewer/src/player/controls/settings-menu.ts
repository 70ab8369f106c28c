import { find } from '@freshet/ui';
import Hls from 'hls.js';
import { audioChoices, type Choice, qualityChoices, subtitleChoices } from './choices.ts';

interface Group {
  readonly title: string;
  readonly choices: readonly Choice[];
  readonly choose: (value: number) => void;
}

/**
 * The menu for quality, sound and subtitles. It uses native radio buttons, which keyboards and screen readers support.
 */
export class SettingsMenu {
  readonly #button: HTMLButtonElement;
  readonly #menu: HTMLElement;
  #ending: AbortController | undefined;

  /** @param root the player's shadow root */
  constructor(root: ShadowRoot) {
    this.#button = find(root, '.settings-button', HTMLButtonElement);
    this.#menu = find(root, '.settings');
    this.#button.addEventListener('click', () => {
      this.#open(this.#menu.hasAttribute('hidden'));
    });
    this.#menu.addEventListener('keydown', (event) => {
      // The player's own keys must not seek or mute while a choice is made.
      event.stopPropagation();
      if (event.key !== 'Escape') return;
      this.#open(false);
      this.#button.focus();
    });
    this.#menu.addEventListener('submit', (event) => {
      event.preventDefault();
    });
    root.addEventListener('pointerdown', (event) => {
      const path = event.composedPath();
      if (!path.includes(this.#menu) && !path.includes(this.#button)) this.#open(false);
    });
  }

  /** Shows the choices of this hls.js, and updates them when they change. */
  follow(hls: Hls): void {
    this.clear();
    const ending = new AbortController();
    this.#ending = ending;
    const draw = () => {
      if (!ending.signal.aborted) this.#draw(hls);
    };
    const { Events } = Hls;
    for (const event of [
      ...[Events.MANIFEST_PARSED, Events.LEVELS_UPDATED, Events.LEVEL_SWITCHED],
      ...[Events.AUDIO_TRACKS_UPDATED, Events.AUDIO_TRACK_SWITCHED],
      ...[Events.SUBTITLE_TRACKS_UPDATED, Events.SUBTITLE_TRACK_SWITCH],
    ])
      hls.on(event, draw);
  }

  clear(): void {
    this.#ending?.abort();
    this.#ending = undefined;
    this.#button.hidden = true;
    this.#open(false);
    this.#menu.replaceChildren();
  }

  #draw(hls: Hls): void {
    const all: Group[] = [
      {
        title: 'Quality',
        choices: qualityChoices(hls.levels, hls.autoLevelEnabled ? -1 : hls.loadLevel, hls.currentLevel),
        choose: (value) => {
          hls.nextLevel = value;
        },
      },
      {
        title: 'Audio',
        choices: audioChoices(hls.audioTracks, hls.audioTrack),
        choose: (value) => {
          hls.audioTrack = value;
        },
      },
      {
        title: 'Subtitles',
        choices: subtitleChoices(hls.subtitleTracks, hls.subtitleDisplay ? hls.subtitleTrack : -1),
        choose: (value) => {
          hls.subtitleTrack = value;
          hls.subtitleDisplay = value >= 0;
        },
      },
    ];
    const groups = all.filter(({ choices }) => choices.length > 1);
    this.#button.hidden = groups.length === 0;
    const focused = this.#menu.querySelector<HTMLInputElement>('input:focus');
    this.#menu.replaceChildren(...groups.map(fieldset));
    // Restores the focus, which redrawing has removed.
    if (focused !== null)
      this.#menu
        .querySelector<HTMLInputElement>(`[name="${focused.name}"][value="${focused.value}"]`)
        ?.focus();
  }

  #open(open: boolean): void {
    this.#menu.hidden = !open;
    this.#button.setAttribute('aria-expanded', String(open));
    if (open) this.#menu.querySelector<HTMLInputElement>('input:checked')?.focus();
  }
}

function fieldset({ title, choices, choose }: Group): HTMLElement {
  const set = document.createElement('fieldset');
  const legend = document.createElement('legend');
  legend.textContent = title;
  set.append(
    legend,
    ...choices.map(({ value, label, chosen }) => {
      const input = Object.assign(document.createElement('input'), {
        ...{ type: 'radio', name: title, value: String(value), checked: chosen },
      });
      input.addEventListener('change', () => {
        choose(value);
      });
      const line = document.createElement('label');
      line.append(input, label);
      return line;
    }),
  );
  return set;
}
