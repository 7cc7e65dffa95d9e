import { describe, expect, it } from 'vitest';

import { ends, endText, leftText, usualEnd } from './ends';

const now = Date.parse('2026-11-16T12:00:00Z');
const after = (seconds: number): string => new Date(now + seconds * 1000).toISOString();

describe('ends', () => {
  it('three days is the usual end, and none is beyond seven', () => {
    expect(ends.map((end) => end.seconds)).toContain(usualEnd);
    for (const end of ends) expect(end.seconds).toBeLessThanOrEqual(7 * 86_400);
  });

  it('what is left is rounded down', () => {
    expect(leftText(after(3 * 86_400 - 5), now)).toBe('3 days left');
    expect(leftText(after(3 * 86_400 - 120), now)).toBe('2 days left');
    expect(leftText(after(86_400), now)).toBe('24 hours left');
    expect(leftText(after(3600), now)).toBe('60 minutes left');
    expect(leftText(after(61), now)).toBe('1 minute left');
    expect(leftText(after(5), now)).toBe('5 seconds left');
    expect(leftText(after(0), now)).toBe('ended');
    expect(leftText(after(-500), now)).toBe('ended');
  });

  it('a near end is a weekday, a far one has its date', () => {
    expect(endText(after(3 * 86_400), now, 'en-GB')).toMatch(/^Thursday \d\d:\d\d$/);
    expect(endText(after(7 * 86_400), now, 'en-GB')).toMatch(/^Monday,? 23 November \d\d:\d\d$/);
  });
});
