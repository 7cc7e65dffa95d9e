import type { Month } from '../ipc';
import { words } from '../words';

/** `May 2026`; `No date` where the camera said nothing. */
export function monthName({ year, month }: Month, locale?: string): string {
  if (year === null || month === null) return words.library.noDate;
  const day = new Date(Date.UTC(year, month - 1, 1));
  return day.toLocaleDateString(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' });
}

/** The camera's own wall clock, as people write it: `16 May 2026, 14:03`. */
export function takenText(taken: string | null, locale?: string): string {
  if (taken === null) return words.library.noDate;
  // Read as UTC and written as UTC: the camera's hour stays the camera's hour.
  const at = new Date(`${taken.slice(0, 19)}Z`);
  if (Number.isNaN(at.getTime())) return words.library.noDate;
  return at.toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
}
