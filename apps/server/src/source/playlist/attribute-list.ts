/**
 * One attribute (RFC 8216, 4.2): a quoted string, or anything up to the next comma. Sticky: reading stops at the first
 * text that is not an attribute. A long malformed line then costs one pass, where a search would retry from each
 * character.
 */
const attribute = () => /\s*([A-Z0-9-]+)=(?:("[^"]*")\s*|([^",]*))(?:,|$)/y;

/** The attributes of a tag's line, without quotes. Of two with the same name, the last counts. */
export function readAttributes(line: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  const pattern = attribute();
  pattern.lastIndex = line.indexOf(':') + 1;
  for (let match = pattern.exec(line); match !== null; match = pattern.exec(line)) {
    const [, name = '', quoted, bare = ''] = match;
    attributes.set(name, quoted === undefined ? bare.trim() : quoted.slice(1, -1));
  }
  return attributes;
}

/** The line with that attribute's value replaced by a quoted one; the rest is unchanged. */
export function replaceQuoted(line: string, name: string, value: string): string {
  const pattern = attribute();
  pattern.lastIndex = line.indexOf(':') + 1;
  let end = pattern.lastIndex;
  let replaced = line.slice(0, end);
  for (let match = pattern.exec(line); match !== null; match = pattern.exec(line)) {
    const [whole, found = '', quoted, bare = ''] = match;
    const old = quoted ?? bare;
    const head = whole.indexOf('=') + 1;
    replaced +=
      found === name
        ? `${whole.slice(0, head)}"${value.replaceAll('"', '%22')}"${whole.slice(head + old.length)}`
        : whole;
    end = pattern.lastIndex;
  }
  return replaced + line.slice(end);
}
