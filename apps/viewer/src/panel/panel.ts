import { find, setText } from '@freshet/ui';
import { copyTraceOn } from './copy-trace.ts';
import { type ConsentMode, isGiving, mustAsk } from './consent.ts';
import { markNoticed, onGiving, wasNoticed, writeGiving } from './giving.ts';
import { panelView, type PanelSource } from './panel-view.ts';

/** How long the chip shows the notice about sharing to a viewer who has never opened the panel. */
const NOTICE_MS = 15_000;
const NOTICE = 'Viewers share this stream';

const FIGURES = [
  'chip',
  'headline',
  'reason',
  'carriedText',
  'fromViewers',
  'fromServer',
  'given',
  'behindLive',
  'links',
  'restraint',
] as const;

/** The small panel about sharing: a chip that opens to figures, one sentence and the switch for uploads. */
export class Panel {
  readonly #root: HTMLElement;
  readonly #chip: HTMLElement;
  readonly #body: HTMLElement;
  readonly #measures: HTMLElement;
  readonly #bar: HTMLElement;
  readonly #give: HTMLElement;
  readonly #switch: HTMLInputElement;
  readonly #figures: ReadonlyMap<(typeof FIGURES)[number], HTMLElement>;
  readonly #close: HTMLElement;
  readonly #ask: HTMLElement;
  #consent: ConsentMode | undefined;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;
  #unsubscribe: (() => void) | undefined;

  /**
   * @param tree a shadow root that holds PANEL_TEMPLATE.
   * @param readTrace the running engine's trace; undefined without one.
   */
  constructor(tree: ParentNode, readTrace: () => string | undefined) {
    this.#root = find(tree, '.share');
    this.#chip = find(tree, '.chip');
    this.#body = find(tree, '.panel');
    this.#measures = find(tree, '.measures');
    this.#bar = find(tree, '.bar');
    this.#give = find(tree, '.give');
    this.#switch = find(tree, '.give input', HTMLInputElement);
    this.#close = find(tree, '.close');
    this.#ask = find(tree, '.ask');
    copyTraceOn(find(tree, '.trace'), readTrace);
    for (const [answer, giving] of [
      ['.yes', true],
      ['.no', false],
    ] as const)
      find(this.#ask, answer).addEventListener('click', () => {
        writeGiving(giving);
        markNoticed();
        this.#chip.focus();
      });
    this.#figures = new Map(FIGURES.map((name) => [name, find(tree, `[data-figure=${name}]`)]));
    this.#chip.addEventListener('click', () => {
      this.open = true;
      markNoticed();
      this.#close.focus();
    });
    this.#close.addEventListener('click', () => {
      this.open = false;
      this.#chip.focus();
    });
    this.#body.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#close.click();
    });
    this.#switch.addEventListener('change', () => {
      writeGiving(this.#switch.checked);
    });
  }

  /** Follows the choice made in other players of this page. */
  connect(): void {
    this.#unsubscribe = onGiving((giving) => {
      this.#switch.checked = giving;
      this.#ask.hidden = true;
    });
  }

  /**
   * The broadcaster's consent mode; undefined while unknown. Once it is known, the panel asks the viewer if necessary.
   */
  set consent(mode: ConsentMode | undefined) {
    this.#consent = mode;
    this.#switch.checked = isGiving(mode);
    this.#ask.hidden = !mustAsk(mode);
    this.#endNotice();
    if (mode !== 'notice' || wasNoticed() || this.open) return;
    this.#chip.classList.add('new');
    this.#noticeTimer = setTimeout(() => {
      this.#endNotice();
    }, NOTICE_MS);
  }

  disconnect(): void {
    this.#unsubscribe?.();
    this.#endNotice();
  }

  get open(): boolean {
    return !this.#body.hidden;
  }

  set open(open: boolean) {
    this.#body.hidden = !open;
    this.#chip.setAttribute('aria-expanded', String(open));
    if (open) this.#endNotice();
  }

  /** Hides chip and panel. A viewer who would have to be asked is then not asked and uploads nothing. */
  set absent(absent: boolean) {
    this.#root.hidden = absent;
  }

  /** Offers the trace of the engine's decisions. */
  set debug(debug: boolean) {
    find(this.#body, '.trace').hidden = !debug;
  }

  draw(source: PanelSource): void {
    const view = panelView(source);
    this.#root.dataset['state'] = view.state;
    for (const [name, element] of this.#figures) setText(element, view[name]);
    const noticing = this.#chip.classList.contains('new') && view.canGive;
    if (noticing) setText(this.#figure('chip'), NOTICE);
    this.#chip.setAttribute('aria-label', `${noticing ? NOTICE : view.headline}. Details`);
    this.#bar.toggleAttribute('data-empty', view.carried === undefined);
    const fill = this.#bar.firstElementChild;
    if (fill instanceof HTMLElement) fill.style.width = `${(view.carried ?? 0) * 100}%`;
    this.#measures.hidden = !view.measured;
    this.#give.hidden = !view.canGive;
    this.#ask.hidden = !view.canGive || !mustAsk(this.#consent);
  }

  #figure(name: (typeof FIGURES)[number]): HTMLElement {
    const element = this.#figures.get(name);
    if (element === undefined) throw new Error(`no figure ${name}`);
    return element;
  }

  #endNotice(): void {
    clearTimeout(this.#noticeTimer);
    this.#chip.classList.remove('new');
  }
}
