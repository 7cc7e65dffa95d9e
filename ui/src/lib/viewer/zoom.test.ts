import { describe, expect, it } from 'vitest';

import { exact, MIDDLE, scrollTo, spotAt, zoomWords } from './zoom';

const stage = { width: 1200, height: 800 };
const picture = { width: 6000, height: 3000 };

describe('zoom', () => {
  it('a pixel of the picture is a pixel of the screen', () => {
    expect(exact(picture, 1)).toEqual(picture);
    expect(exact(picture, 2)).toEqual({ width: 3000, height: 1500 });
  });

  it('what was pointed at comes to the middle', () => {
    expect(spotAt({ x: 600, y: 400 }, stage, picture)).toEqual(MIDDLE);
    // The picture fills the width: its top edge is at 100.
    expect(spotAt({ x: 0, y: 100 }, stage, picture)).toEqual({ x: 0, y: 0 });
    expect(spotAt({ x: 1200, y: 0 }, stage, picture)).toEqual({ x: 1, y: 0 });
    expect(scrollTo(MIDDLE, stage, picture)).toEqual({ left: 2400, top: 1100 });
    expect(scrollTo({ x: 0, y: 0 }, stage, picture)).toEqual({ left: 0, top: 0 });
  });

  it('it is said when it is not the raw file’s own pixels', () => {
    expect(zoomWords(false, picture, picture)).toBe('100 %: 6000 × 3000 pixels');
    expect(zoomWords(true, { width: 1620, height: 1080 }, { width: 6000, height: 4000 })).toBe(
      '100 % of the camera’s picture in the raw file: 1620 × 1080 of 6000 × 4000 pixels',
    );
    expect(zoomWords(true, null, null)).toBe('Reading the original…');
  });
});
