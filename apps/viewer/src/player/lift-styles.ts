import { styleSheet } from '../dom.ts';

/**
 * The controls bring their styles as style elements in shadow trees. A page whose Content-Security-Policy forbids
 * those leaves the controls bare; constructed style sheets it does not forbid. Lifts one into the other where the
 * browser blocked them, in the whole tree below `root`.
 * @returns whether any had to be lifted.
 */
export function liftBlockedStyles(root: ShadowRoot): boolean {
  let lifted = false;
  for (const style of root.querySelectorAll('style')) {
    const text = style.textContent;
    if (style.sheet !== null || text === '') continue;
    root.adoptedStyleSheets.push(styleSheet(text));
    lifted = true;
  }
  for (const element of root.querySelectorAll('*')) {
    if (element.shadowRoot !== null && liftBlockedStyles(element.shadowRoot)) lifted = true;
  }
  return lifted;
}
