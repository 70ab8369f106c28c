import type { Page } from '@playwright/test';
import { decodePicture, type TimeCode, type TimeCodeLayout } from './decode-picture.ts';

/** Enough for more than half an hour at 25 pictures a second, along the top edge of a picture 480 pixels wide. */
export const TIME_CODE: TimeCodeLayout = { bits: 16, cellWidth: 30, cellHeight: 16 };

/**
 * An ffmpeg filter that draws each picture's number into it: a column of two blocks for each bit, the lowest bit on the
 * left, white over black for 1 and black over white for 0. So every bit is there twice, and a picture in which the
 * blocks of a column do not differ cannot be read.
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

/** @returns undefined if the page shows no picture, or a picture without a time code. */
export function readTimeCode(page: Page): Promise<TimeCode | undefined> {
  return page.evaluate(`(${decodePicture.toString()})(${JSON.stringify(TIME_CODE)})`);
}
