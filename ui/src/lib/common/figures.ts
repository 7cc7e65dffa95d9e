/** How figures are written everywhere in the window: short, with units, in the user's locale. */

import { perLocale } from './locale';

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const tenths = perLocale((locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }));
const whole = perLocale((locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }));

/** `1_234_567` -> `1.2 MB`. Decimal units, as cards and disks are sold. */
export function bytes(n: number, locale?: string): string {
  let unit = 0;
  while (n >= 999.5 && unit < units.length - 1) {
    n /= 1000;
    unit += 1;
  }
  const figures = unit === 0 || n >= 99.95 ? whole(locale) : tenths(locale);
  return `${figures.format(n)} ${units[unit] ?? ''}`;
}

/** Whole counts: `1204` -> `1,204`. */
export function count(n: number, locale?: string): string {
  return whole(locale).format(n);
}

/** A length of time as people read a clock: `0:07`, `1:40`, `1:02:03`. */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.ceil(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const h = Math.floor(s / 3600);
  const m = Math.floor((s % 3600) / 60);
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}
