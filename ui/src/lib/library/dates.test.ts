import { describe, expect, it } from 'vitest';

import { monthName, takenText } from './dates';

describe('dates', () => {
  it('a month has its name and year', () => {
    expect(monthName({ year: 2026, month: 5, count: 1 }, 'en-GB')).toBe('May 2026');
    expect(monthName({ year: null, month: null, count: 1 }, 'en-GB')).toBe('No date');
  });

  it('the camera’s clock is shown as it stood, whatever the zone here', () => {
    expect(takenText('2026-05-16T14:03:22', 'en-GB')).toBe('16 May 2026, 14:03');
    expect(takenText('2026-12-31T23:59:59', 'en-GB')).toBe('31 Dec 2026, 23:59');
    expect(takenText(null)).toBe('No date');
    expect(takenText('rubbish')).toBe('No date');
  });
});
