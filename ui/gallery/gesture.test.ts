import { describe, expect, it } from 'vitest';
import { fit, FITS, fullScale, swiped, within, zoomAt } from './gesture';

const frame = { width: 400, height: 800 };

describe('a picture in its frame', () => {
  it('fits, and is never blown up', () => {
    expect(fit({ width: 2000, height: 1000 }, frame)).toEqual({ width: 400, height: 200 });
    expect(fit({ width: 100, height: 50 }, frame)).toEqual({ width: 100, height: 50 });
  });

  it('keeps what is under the fingers under them', () => {
    const at = { x: 50, y: -20 };
    const zoomed = zoomAt({ scale: 1.5, x: 10, y: 5 }, 3, at);
    // The same point of the picture, before and after.
    expect((at.x - zoomed.x) / 3).toBeCloseTo((at.x - 10) / 1.5, 9);
    expect((at.y - zoomed.y) / 3).toBeCloseTo((at.y - 5) / 1.5, 9);
  });

  it('cannot be pushed out of it', () => {
    const fitted = { width: 400, height: 200 };
    expect(within({ scale: 2, x: 999, y: 999 }, fitted, frame)).toEqual({ scale: 2, x: 200, y: 0 });
    expect(within({ scale: 0.4, x: 30, y: 0 }, fitted, frame)).toEqual(FITS);
  });

  it('shows its own pixels when zoomed, at least twice as large', () => {
    expect(fullScale({ width: 2000, height: 1000 }, { width: 400, height: 200 }, 1)).toBe(5);
    expect(fullScale({ width: 2000, height: 1000 }, { width: 1900, height: 950 }, 1)).toBe(2);
  });
});

describe('a swipe', () => {
  it('goes on when far or fast', () => {
    expect(swiped(-150, 900, 400)).toBe(1);
    expect(swiped(60, 80, 400)).toBe(-1);
  });

  it('springs back when neither', () => {
    expect(swiped(-60, 600, 400)).toBe(0);
    expect(swiped(20, 10, 400)).toBe(0);
  });
});
