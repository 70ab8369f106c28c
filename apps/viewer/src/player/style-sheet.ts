/** A style sheet for a shadow root. It is not an element, so no Content-Security-Policy forbids it. */
export function styleSheet(text: string, media = ''): CSSStyleSheet {
  const sheet = new CSSStyleSheet({ media });
  sheet.replaceSync(text);
  return sheet;
}
