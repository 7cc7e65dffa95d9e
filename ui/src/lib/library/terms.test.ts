import { describe, expect, it } from 'vitest';

import { termsOf, termText, termWords, valueOf, withTerm } from './terms';

const texts = (query: string): string[] => termsOf(query).map((t) => t.text);

describe('terms', () => {
  it('are cut at spaces outside of quotes', () => {
    expect(texts('rating>=4  shoot:"Smith wedding" -keyword:dance summer')).toEqual([
      'rating>=4',
      'shoot:"Smith wedding"',
      '-keyword:dance',
      'summer',
    ]);
    expect(texts('"two words" "open to the end')).toEqual(['"two words"', '"open to the end']);
    expect(texts('shoot:"a \\"b\\" c" d')).toEqual(['shoot:"a \\"b\\" c"', 'd']);
    expect(texts('   ')).toEqual([]);
  });

  it('have a key, a sign and a value', () => {
    expect(termsOf('-Shoot:"a \\"b\\""')[0]).toMatchObject({
      negated: true,
      key: 'shoot',
      op: ':',
      value: 'a "b"',
    });
    expect(termsOf('iso>=1600')[0]).toMatchObject({ key: 'iso', op: '>=', value: '1600' });
  });

  it('are written so that they are read as they were meant', () => {
    for (const value of ['R6', 'Smith wedding', 'a "b" \\ c', 'none', '*', '5*'])
      expect(termsOf(termText('camera', value))[0]?.value).toBe(value);
    expect(termText('rating', '4', '>=')).toBe('rating>=4');
  });

  it('one of a key takes the place of the others', () => {
    expect(withTerm('rating>=2 dance rating:5', 'rating', 'rating>=4')).toBe('dance rating>=4');
    expect(withTerm('rating>=2 dance', 'rating', null)).toBe('dance');
    expect(valueOf('dance rating>=4', 'rating')).toEqual({ op: '>=', value: '4' });
    expect(valueOf('rating>=4 rating<=5', 'rating')).toBeNull();
  });

  it('are said in words', () => {
    const words = (query: string): string[] => termsOf(query).map(termWords);
    expect(
      words(
        'rating>=4 rating:0 label:red -flag:reject status:notbackedup camera:R6 iso>=1600 dance',
      ),
    ).toEqual([
      '4 stars or more',
      'No stars',
      'Label red',
      'Not rejected',
      'Not in the bucket',
      'Camera R6',
      'ISO at least 1600',
      'dance',
    ]);
    expect(words('nope:x')).toEqual(['nope:x']);
  });
});
