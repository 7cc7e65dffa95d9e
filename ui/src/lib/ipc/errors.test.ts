import { describe, expect, it } from 'vitest';

import { AppError } from './call';
import { errorText } from './errors';

describe('errors', () => {
  it('a rejected command becomes an error with its code', () => {
    const error = AppError.from({ code: 'offline', message: 'no route', detail: 'dns' });
    expect(error).toBeInstanceOf(Error);
    expect(error.code).toBe('offline');
    expect(error.message).toBe('no route');
    expect(error.detail).toBe('dns');
    expect(errorText(error).what).toContain('does not answer');
  });

  it('anything else that is thrown counts as our own fault', () => {
    expect(AppError.from('command nope not found').code).toBe('internal');
    expect(AppError.from(new TypeError('x')).message).toBe('x');
  });

  it('an error that is one already stays itself', () => {
    const error = new AppError('forbidden', 'no');
    expect(AppError.from(error)).toBe(error);
  });

  it('every text is three short sentences, none of them an apology', () => {
    const words = (text: string): number => text.split(' ').length;
    for (const code of ['disk_full', 'offline', 'wrong_key', 'internal'] as const) {
      const { what, safe, next } = errorText(new AppError(code, ''));
      for (const sentence of [what, safe, next]) {
        expect(sentence).toMatch(/[.]$/);
        expect(words(sentence)).toBeLessThan(18);
        expect(sentence).not.toMatch(/sorry|oops/i);
      }
    }
  });
});
