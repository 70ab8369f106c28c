import { element } from '../element.ts';

export interface Tile {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
}

/** A tile for each figure, with its name, value and note. */
export function tiles(list: readonly Tile[]): HTMLElement[] {
  return list.map(({ name, value, note }) =>
    element(
      'div',
      { className: 'tile' },
      element('span', { className: 'name' }, name),
      element('strong', {}, value),
      note !== undefined && element('span', { className: 'note' }, note),
    ),
  );
}
