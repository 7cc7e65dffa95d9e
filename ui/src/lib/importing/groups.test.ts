import { describe, expect, it } from 'vitest';

import { byDay } from './groups';

describe('a card by days and pauses', () => {
  it('begins a run after an hour without a photo, and never runs over midnight', () => {
    const taken = [
      '2026-05-16T23:50:00',
      '2026-05-16T14:03:22',
      '2026-05-16T14:30:00',
      '2026-05-16T15:29:59',
      '2026-05-16T16:30:00',
      '2026-05-17T00:05:00',
    ];
    const days = byDay(taken.map((time, index) => ({ index, taken: time })));
    expect(days.map(({ day, count }) => [day, count])).toEqual([
      ['2026-05-16', 5],
      ['2026-05-17', 1],
    ]);
    expect(days[0]?.runs.map(({ shots }) => shots.map(({ index }) => index))).toEqual([
      [1, 2, 3],
      [4],
      [0],
    ]);
    expect(days[0]?.runs[0]?.to).toBe('2026-05-16T15:29:59');
  });

  it('of an empty card makes nothing', () => {
    expect(byDay([])).toEqual([]);
  });
});
