import { describe, expect, it } from 'vitest';

import { curve, exposureText } from './curve';

describe('the info panel', () => {
  it('draws a curve inside its field', () => {
    const path = curve([0, 4, 1, 0], 4);
    expect(path).toBe('M0 40 L0.0 40.0 L33.3 0.0 L66.7 20.0 L100.0 40.0 L100 40 Z');
    expect(curve([0, 0], 0)).toBe('');
  });

  it('says the exposure as photographers do', () => {
    expect(exposureText({ focalLength: 85, aperture: 2.8, shutter: '1/250', iso: 400 })).toBe(
      '85 mm · f/2.8 · 1/250 s · ISO 400',
    );
    expect(exposureText({ focalLength: null, aperture: null, shutter: null, iso: null })).toBe('');
  });
});
