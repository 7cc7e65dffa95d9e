import { describe, expect, it } from 'vitest';
import { remaining, speech } from './words';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('the page speaks', () => {
  it.each([
    [['de-CH', 'en'], 'de'],
    [['fr', 'de'], 'de'],
    [['en-GB'], 'en'],
    [['ja'], 'en'],
    [[], 'en'],
  ])('to %j in %s', (preferred, language) => expect(speech(preferred).language).toBe(language));

  it('every sentence in both languages', () => {
    const english = speech(['en']).words;
    const german = speech(['de']).words;
    for (const [key, text] of Object.entries(english)) {
      const other = german[key as keyof typeof german];
      if (typeof text === 'string') expect(other, key).not.toBe(text);
    }
  });
});

describe('the time left', () => {
  const { words } = speech(['en']);
  it.each([
    [72 * HOUR, '3 days'],
    [72 * HOUR - 1000, '3 days'],
    [60 * HOUR - 1000, '2 days'],
    [47 * HOUR, '47 hours'],
    [2 * HOUR + 5 * MINUTE, '2 hours 5 minutes'],
    [HOUR, '1 hour'],
    [90 * 1000, '1 minute'],
    [1500, '1 second'],
    [-5, '0 seconds'],
  ])('%i ms is %s', (left, text) => expect(remaining(left, words)).toBe(text));
});
