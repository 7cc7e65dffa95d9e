/** When links end, in words. */
import { words } from '../words';

export interface End {
  label: string;
  seconds: number;
}

export const ends: readonly End[] = [
  { label: words.sharing.lengths.quarter, seconds: 15 * 60 },
  { label: words.sharing.lengths.hour, seconds: 3600 },
  { label: words.sharing.lengths.day, seconds: 86_400 },
  { label: words.sharing.lengths.threeDays, seconds: 3 * 86_400 },
  { label: words.sharing.lengths.week, seconds: 7 * 86_400 },
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
  return words.sharing.dayTime(day, time);
}

/** What a link just made for 3 days may have lost and still be called so. */
const GRACE = 59;

/** `3 days left`, `12 minutes left`; rounded down but for that grace. */
export function leftText(endsAt: string, now: number): string {
  const seconds = Math.floor((new Date(endsAt).getTime() - now) / 1000);
  if (seconds <= 0) return words.sharing.over;
  if (seconds + GRACE >= 2 * 86_400)
    return words.sharing.daysLeft(Math.floor((seconds + GRACE) / 86_400));
  if (seconds + GRACE >= 2 * 3600)
    return words.sharing.hoursLeft(Math.floor((seconds + GRACE) / 3600));
  if (seconds >= 60) return words.sharing.minutesLeft(Math.floor(seconds / 60));
  return words.sharing.secondsLeft(seconds);
}
