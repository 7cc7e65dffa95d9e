import type { Price } from '../ipc';

/** What a volume costs a month, and once to bring back; a terabyte is 10^12 bytes. */
export function cost(price: Price, terabytes: number): { monthly: number; back: number } {
  return {
    monthly: Math.max(price.least, price.perTerabyte * terabytes),
    back: price.perTerabyteBack * terabytes,
  };
}

/** `23 USD` as people write it where they live. */
export function money(amount: number, currency: string, locale?: string): string {
  return amount.toLocaleString(locale, {
    style: 'currency',
    currency,
    maximumFractionDigits: amount >= 100 ? 0 : 2,
  });
}
