import type { Page } from '@playwright/test';
import { decodePicture, type TimeCode, type TimeCodeLayout } from './decode-picture.ts';

/** Half an hour of 25 pictures a second and more, along the top edge of a picture 480 wide. */
export const TIME_CODE: TimeCodeLayout = { bits: 16, cellWidth: 30, cellHeight: 16 };

/**
 * An ffmpeg filter that burns each picture's number in: one column of two blocks a bit, the lowest on the left, white
 * over black for 1 and black over white for 0. So every bit is there twice, and a column that does not differ in
 * itself is a picture that cannot be read.
 */
export function timeCodeFilter(): string {
  const { bits, cellWidth: width, cellHeight: height } = TIME_CODE;
  const box = (x: number, y: number, w: number, colour: string, enable = ''): string =>
    `drawbox=x=${x}:y=${y}:w=${w}:h=${height}:color=${colour}:t=fill${enable}`;
  const boxes = [box(0, 0, bits * width, 'black'), box(0, height, bits * width, 'white')];
  for (let bit = 0; bit < bits; bit++) {
    const set = `:enable='gte(mod(n,${2 ** (bit + 1)}),${2 ** bit})'`;
    boxes.push(box(bit * width, 0, width, 'white', set), box(bit * width, height, width, 'black', set));
  }
  return boxes.join(',');
}

/** @returns undefined when the page shows no picture, or none with a time code. */
export function readTimeCode(page: Page): Promise<TimeCode | undefined> {
  return page.evaluate(`(${decodePicture.toString()})(${JSON.stringify(TIME_CODE)})`);
}
