import type { Month } from '../ipc';
import { perLocale } from '../common/locale';
import { words } from '../words';

const months = perLocale(
  (locale) => new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' }),
);
const moments = perLocale(
  (locale) =>
    new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }),
);

/** `May 2026`; `No date` where the camera said nothing. */
export function monthName({ year, month }: Month, locale?: string): string {
  if (year === null || month === null) return words.library.noDate;
  return months(locale).format(Date.UTC(year, month - 1, 1));
}

/** The camera's own wall clock, as people write it: `16 May 2026, 14:03`. */
export function takenText(taken: string | null, locale?: string): string {
  if (taken === null) return words.library.noDate;
  // Read as UTC and written as UTC: the camera's hour stays the camera's hour.
  const at = new Date(`${taken.slice(0, 19)}Z`);
  if (Number.isNaN(at.getTime())) return words.library.noDate;
  return moments(locale).format(at);
}
