import { styleSheet } from './style-sheet.ts';

/** The selector by which the controls find the style sheet in which they set their levels. */
const OWN_STYLES = 'style:not([media])';

/**
 * Fills a shadow tree, and makes the custom elements in it fill theirs in the same way when they are defined. Their
 * styles become constructed style sheets: media-chrome uses style elements, which a page's Content-Security-Policy may
 * forbid and then reports one by one.
 */
export function fillShadow(root: ShadowRoot, html: string): void {
  // Styles in a template are not applied, so none is blocked.
  const { content } = Object.assign(document.createElement('template'), { innerHTML: html });
  const sheets: CSSStyleSheet[] = [];
  for (const style of content.querySelectorAll('style')) {
    const sheet = styleSheet(style.textContent, style.media);
    root.adoptedStyleSheets.push(sheet);
    if (style.media === '') sheets.push(sheet);
    style.remove();
  }
  const search = (selectors: string): unknown =>
    Reflect.apply(Reflect.get(DocumentFragment.prototype, 'querySelectorAll'), root, [selectors]);
  Object.assign(root, {
    querySelectorAll: (selectors: string) =>
      selectors === OWN_STYLES ? sheets.map((sheet) => ({ sheet })) : search(selectors),
  });
  for (const element of content.querySelectorAll('*'))
    if (element.localName.includes('-')) element.attachShadow = attachFilled;
  root.replaceChildren(content);
}

function attachFilled(this: Element, init: ShadowRootInit): ShadowRoot {
  const root = Element.prototype.attachShadow.call(this, init);
  const set = (html: string): void => {
    fillShadow(root, html);
  };
  Object.defineProperty(root, 'innerHTML', { set });
  return Object.assign(root, { setHTMLUnsafe: set });
}
