import { describe, expect, it } from 'vitest';
import { type Box, justify, neighbour, rowHeight } from './layout';

/** A fixed mixture of landscapes, portraits, squares and panoramas. */
const ratios = Array.from(
  { length: 500 },
  (_, at) => [1.5, 1.5, 0.667, 1.5, 1, 1.778, 0.8, 3][at % 8] ?? 1,
);

describe.each([320, 390, 768, 1280, 1920])('rows of a page %i px wide', (width) => {
  const gap = 8;
  const wished = rowHeight(width);
  const { boxes, height } = justify(ratios, width, wished, gap);
  const rows = new Map<number, Box[]>();
  for (const box of boxes) rows.set(box.row, [...(rows.get(box.row) ?? []), box]);

  it('keep the order', () => {
    expect(boxes).toHaveLength(ratios.length);
    boxes.slice(1).forEach((box, at) => expect([0, 1]).toContain(box.row - (boxes[at]?.row ?? 0)));
  });

  it('fill the width to the last pixel, but for the last row', () => {
    for (const [row, inRow] of rows) {
      const last = inRow.at(-1);
      const end = (last?.left ?? 0) + (last?.width ?? 0);
      if (row < rows.size - 1) expect(end).toBeCloseTo(width, 6);
      else expect(end).toBeLessThanOrEqual(width + 1e-6);
    }
  });

  it('are of like height', () => {
    for (const [row, [first]] of rows) {
      if (row === rows.size - 1) continue;
      expect(first?.height).toBeGreaterThan(wished * 0.55);
      expect(first?.height).toBeLessThan(wished * 1.75);
    }
  });

  it('never overlap', () => {
    for (const inRow of rows.values()) {
      inRow.slice(1).forEach((box, at) => {
        const before = inRow[at];
        expect(box.left).toBeCloseTo((before?.left ?? 0) + (before?.width ?? 0) + gap, 6);
      });
    }
    const last = boxes.at(-1);
    expect(height).toBeCloseTo((last?.top ?? 0) + (last?.height ?? 0), 6);
  });
});

describe('a small album', () => {
  it('of one photo is not blown up', () => {
    const { boxes } = justify([1.5], 1280, 250, 8);
    expect(boxes[0]?.height).toBeLessThanOrEqual(250 * 1.15);
  });

  it('of none takes no room', () =>
    expect(justify([], 1280, 250, 8)).toEqual({ boxes: [], height: 0 }));

  it('shows a sliver and a panorama cropped', () => {
    const { boxes } = justify([0.01, 100], 1280, 250, 8);
    for (const { width } of boxes) expect(width).toBeGreaterThan(50);
  });
});

describe('the arrow keys', () => {
  const { boxes } = justify(ratios, 1280, 250, 8);

  it('go to the row above or below', () => {
    const below = neighbour(boxes, 7, 1);
    expect(boxes[below]?.row).toBe((boxes[7]?.row ?? 0) + 1);
    expect(boxes[neighbour(boxes, below, -1)]?.row).toBe(boxes[7]?.row);
  });

  it('stay at the first and the last row', () => {
    expect(neighbour(boxes, 0, -1)).toBe(0);
    expect(neighbour(boxes, 499, 1)).toBe(499);
  });
});
