import { describe, expect, it } from 'vitest';

import { between, GAP, HEAD, layOut, spotOf, stepFrom } from './layout';

// Four columns of 100: rows of a month of 6 and a month of 3.
const layout = layOut([6, 3], 4 * 100 + 3 * GAP, 100);

describe('layout', () => {
  it('squares fill the width and are never narrower than wanted', () => {
    expect(layout.columns).toBe(4);
    expect(layout.side).toBe(100);
    const wide = layOut([1], 500, 160);
    expect(wide.columns).toBe(3);
    expect(wide.side).toBeGreaterThanOrEqual(160);
    expect(layOut([5], 40, 100).columns).toBe(1);
  });

  it('every photo has one spot, and no two share one', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 9; i += 1) {
      const spot = spotOf(layout, i);
      seen.add(`${spot?.left ?? ''}/${spot?.top ?? ''}`);
    }
    expect(seen.size).toBe(9);
    expect(spotOf(layout, 9)).toBeUndefined();
  });

  it('what is seen is what is drawn', () => {
    expect(between(layout, 0, layout.height)).toEqual({
      sections: { first: 0, end: 2 },
      photos: { first: 0, end: 9 },
    });
    const firstRow = between(layout, 0, HEAD + 50);
    expect(firstRow).toEqual({ sections: { first: 0, end: 1 }, photos: { first: 0, end: 4 } });
    const second = layout.sections[1]?.top ?? 0;
    expect(between(layout, second + HEAD, layout.height).photos).toEqual({ first: 6, end: 9 });
    // Between the last row of a month and the first of the next there is no photo.
    expect(between(layout, second - 10, second + 10).photos).toEqual({ first: 6, end: 6 });
  });

  it('every photo that is partly seen is drawn, at any height', () => {
    for (let from = -50; from < layout.height; from += 7) {
      const { photos } = between(layout, from, from + 90);
      for (let i = 0; i < 9; i += 1) {
        const top = spotOf(layout, i)?.top ?? 0;
        if (top < from + 90 && top + layout.side > from)
          expect(i >= photos.first && i < photos.end, `${i} at ${from}`).toBe(true);
      }
    }
  });

  it('a hundred thousand photos cost a screenful', () => {
    const counts = Array.from({ length: 120 }, () => 1000);
    const big = layOut(counts, 1000, 180);
    const { photos } = between(big, big.height / 2, big.height / 2 + 800);
    expect(photos.end - photos.first).toBeGreaterThan(10);
    expect(photos.end - photos.first).toBeLessThan(60);
  });

  it('arrows keep their column across months and stop at the ends', () => {
    expect(stepFrom(layout, 0, 'left')).toBe(0);
    expect(stepFrom(layout, 3, 'right')).toBe(4);
    expect(stepFrom(layout, 8, 'right')).toBe(8);
    expect(stepFrom(layout, 1, 'down')).toBe(5);
    expect(stepFrom(layout, 3, 'down')).toBe(5);
    expect(stepFrom(layout, 5, 'down')).toBe(7);
    expect(stepFrom(layout, 7, 'up')).toBe(5);
    expect(stepFrom(layout, 8, 'up')).toBe(5);
    expect(stepFrom(layout, 2, 'up')).toBe(2);
    expect(stepFrom(layout, 8, 'down')).toBe(8);
    expect(stepFrom(layout, 4, 'first')).toBe(0);
    expect(stepFrom(layout, 4, 'last')).toBe(8);
  });

  it('an empty library has no height and no steps', () => {
    const empty = layOut([], 800, 180);
    expect(empty.height).toBe(0);
    expect(between(empty, 0, 900).photos).toEqual({ first: 0, end: 0 });
    expect(stepFrom(empty, 0, 'down')).toBe(0);
    expect(stepFrom(empty, 0, 'last')).toBe(0);
  });
});
