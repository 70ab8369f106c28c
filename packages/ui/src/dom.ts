/** Finds an element that the page's own markup must have, by default of any kind. @throws Error if it is missing. */
export function find(tree: ParentNode, selector: string): HTMLElement;
export function find<E extends HTMLElement>(tree: ParentNode, selector: string, kind: new () => E): E;
export function find(tree: ParentNode, selector: string, kind = HTMLElement): HTMLElement {
  const element = tree.querySelector(selector);
  if (!(element instanceof kind)) throw new Error(`the markup has no ${selector}`);
  return element;
}

/** Writes the text only if it changed, so that a selection and a screen reader's cursor stay. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
