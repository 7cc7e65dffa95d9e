/** When links end, in words. */

export interface End {
  label: string;
  seconds: number;
}

export const ends: readonly End[] = [
  { label: '15 minutes', seconds: 15 * 60 },
  { label: '1 hour', seconds: 3600 },
  { label: '24 hours', seconds: 86_400 },
  { label: '3 days', seconds: 3 * 86_400 },
  { label: '7 days', seconds: 7 * 86_400 },
];

export const usualEnd = 3 * 86_400;

/** `Thursday 14:00`, with the date once the weekday alone would be unclear. */
export function endText(endsAt: string | number, now: number, locale?: string): string {
  const at = new Date(endsAt);
  const near = Math.abs(at.getTime() - now) < 6.5 * 86_400_000;
  const time = at.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });
  const day = at.toLocaleDateString(
    locale,
    near ? { weekday: 'long' } : { weekday: 'long', day: 'numeric', month: 'long' },
  );
  return `${day} ${time}`;
}

/** What a link just made for 3 days may have lost and still be called so. */
const GRACE = 59;

/** `3 days left`, `12 minutes left`; rounded down but for that grace. */
export function leftText(endsAt: string, now: number): string {
  const seconds = Math.floor((new Date(endsAt).getTime() - now) / 1000);
  if (seconds <= 0) return 'ended';
  const of = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'} left`;
  if (seconds + GRACE >= 2 * 86_400) return of(Math.floor((seconds + GRACE) / 86_400), 'day');
  if (seconds + GRACE >= 2 * 3600) return of(Math.floor((seconds + GRACE) / 3600), 'hour');
  if (seconds >= 60) return of(Math.floor(seconds / 60), 'minute');
  return of(seconds, 'second');
}
