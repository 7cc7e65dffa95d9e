import { describe, expect, it } from 'vitest';

import { Rate } from './rate';

describe('rate', () => {
  it('says nothing before it knows', () => {
    const rate = new Rate();
    expect(rate.perSecond()).toBeNull();
    rate.saw(0, 0);
    rate.saw(100, 100);
    expect(rate.perSecond()).toBeNull();
    expect(rate.left(1000)).toBeNull();
  });

  it('counts bytes a second and the time left', () => {
    const rate = new Rate();
    rate.saw(0, 0);
    rate.saw(200, 1000);
    expect(rate.perSecond()).toBe(200);
    expect(rate.left(1000)).toBe(4);
    expect(rate.left(0)).toBeNull();
  });

  it('forgets how fast it was long ago', () => {
    const rate = new Rate();
    rate.saw(0, 0);
    rate.saw(1_000_000, 1000);
    for (let s = 2; s <= 20; s += 1) rate.saw(1_000_000 + s * 10, s * 1000);
    expect(rate.perSecond()).toBe(10);
  });

  it('a standstill has no end', () => {
    const rate = new Rate();
    rate.saw(5, 0);
    rate.saw(5, 5000);
    expect(rate.left(10)).toBeNull();
  });
});
