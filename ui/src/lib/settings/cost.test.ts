import { describe, expect, it } from 'vitest';

import type { Price } from '../ipc';
import { cost, money } from './cost';

const price: Price = {
  currency: 'USD',
  perTerabyte: 8,
  least: 8,
  perTerabyteBack: 10,
  note: '',
  asOf: '2026-05',
  source: 'https://example.com/',
};

describe('what a bucket costs', () => {
  it('grows with the volume and never falls below the least', () => {
    expect(cost(price, 2)).toEqual({ monthly: 16, back: 20 });
    expect(cost(price, 0.25).monthly).toBe(8);
  });

  it('is written as money', () => {
    expect(money(7.99, 'USD', 'en')).toBe('$7.99');
    expect(money(115, 'EUR', 'en')).toBe('€115');
  });
});
