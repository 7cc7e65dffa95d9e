import { describe, expect, it } from 'vitest';

import { bytes, clock, count } from './figures';

describe('figures', () => {
  it('bytes carry one digit below a hundred and none above', () => {
    expect(bytes(0, 'en')).toBe('0 B');
    expect(bytes(999, 'en')).toBe('999 B');
    expect(bytes(1_234_567, 'en')).toBe('1.2 MB');
    expect(bytes(96_000_000, 'en')).toBe('96 MB');
    expect(bytes(999_960_000, 'en')).toBe('1 GB');
    expect(bytes(512_000_000_000, 'en')).toBe('512 GB');
  });

  it('counts are grouped', () => {
    expect(count(1204, 'en')).toBe('1,204');
  });

  it('time left rounds up and never shows a minus', () => {
    expect(clock(-3)).toBe('0:00');
    expect(clock(6.2)).toBe('0:07');
    expect(clock(100)).toBe('1:40');
    expect(clock(3723)).toBe('1:02:03');
  });
});
