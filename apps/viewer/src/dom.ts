/** An element that the page's own markup must have, by default of any kind; throws Error when it has not. */
export function find(tree: ParentNode, selector: string): HTMLElement;
export function find<E extends HTMLElement>(tree: ParentNode, selector: string, kind: new () => E): E;
export function find(tree: ParentNode, selector: string, kind = HTMLElement): HTMLElement {
  const element = tree.querySelector(selector);
  if (!(element instanceof kind)) throw new Error(`the markup has no ${selector}`);
  return element;
}

/** Writes only what changed, so that a screen reader's cursor and a selection stay. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A style sheet for a shadow root: no element, so that no Content-Security-Policy forbids it. */
export function styleSheet(text: string, media = ''): CSSStyleSheet {
  const sheet = new CSSStyleSheet({ media });
  sheet.replaceSync(text);
  return sheet;
}
