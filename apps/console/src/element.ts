type Child = Node | string | undefined | false;

/** Creates an element with properties and children. Strings become text nodes. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<Omit<HTMLElementTagNameMap[Tag], 'style' | 'dataset'>> & {
    readonly data?: Readonly<Record<string, string>>;
    readonly aria?: Readonly<Record<string, string>>;
  } = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const { data = {}, aria = {}, ...own } = properties;
  const made = Object.assign(document.createElement(tag), own);
  for (const [name, value] of Object.entries(data)) made.dataset[name] = value;
  for (const [name, value] of Object.entries(aria)) made.setAttribute(`aria-${name}`, value);
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

let fields = 0;

/** A field with a label, a unit, and a help text, which screen readers read as its description, not in its label. */
export function field(label: string, input: HTMLElement, { unit = '', help = '' } = {}): HTMLElement {
  const id = `help-${++fields}`;
  if (help !== '') input.setAttribute('aria-describedby', id);
  return element(
    'div',
    { className: 'field' },
    element(
      'label',
      {},
      element('span', { className: 'name' }, label),
      element(
        'span',
        { className: 'input' },
        input,
        unit !== '' && element('span', { className: 'unit', aria: { hidden: 'true' } }, unit),
      ),
    ),
    help !== '' && element('span', { className: 'help', id }, help),
  );
}
