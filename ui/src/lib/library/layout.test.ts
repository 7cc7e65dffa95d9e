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
    const all = between(layout, 0, layout.height);
    expect(all.spots.map((s) => s.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    for (const spot of all.spots) expect(spot).toEqual(spotOf(layout, spot.index));
    const firstRow = between(layout, 0, HEAD + 50);
    expect(firstRow.spots.map((s) => s.index)).toEqual([0, 1, 2, 3]);
    expect(firstRow.sections).toEqual([0]);
    const second = layout.sections[1];
    const rest = between(layout, (second?.top ?? 0) + HEAD, layout.height);
    expect(rest.spots.map((s) => s.index)).toEqual([6, 7, 8]);
  });

  it('a hundred thousand photos cost a screenful', () => {
    const counts = Array.from({ length: 120 }, () => 1000);
    const big = layOut(counts, 1000, 180);
    const seen = between(big, big.height / 2, big.height / 2 + 800);
    expect(seen.spots.length).toBeGreaterThan(10);
    expect(seen.spots.length).toBeLessThan(60);
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
    expect(between(empty, 0, 900).spots).toEqual([]);
    expect(stepFrom(empty, 0, 'down')).toBe(0);
    expect(stepFrom(empty, 0, 'last')).toBe(0);
  });
});
