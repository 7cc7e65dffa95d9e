import { describe, expect, it } from 'vitest';

import { orderOf, sheet, type Key } from './keys';

function key(key: string, more: Partial<Key> = {}): Key {
  const none = { code: '', shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };
  return { key, ...none, ...more };
}

describe('keys', () => {
  it('digits are stars and labels, with Shift the other way of going on', () => {
    expect(orderOf(key('3', { code: 'Digit3' }))).toEqual({ do: 'stars', stars: 3, other: false });
    expect(orderOf(key('§', { code: 'Digit3', shiftKey: true }))).toEqual({
      do: 'stars',
      stars: 3,
      other: true,
    });
    expect(orderOf(key('8'))).toEqual({ do: 'label', label: 'green', other: false });
  });

  it('Caps Lock changes nothing', () => {
    expect(orderOf(key('P'))).toEqual({ do: 'flag', flag: 'pick', other: false });
    expect(orderOf(key('x', { shiftKey: true }))).toEqual({
      do: 'flag',
      flag: 'reject',
      other: true,
    });
    expect(orderOf(key('U'))).toEqual({ do: 'flag', flag: null, other: false });
    expect(orderOf(key('Z'))).toEqual({ do: 'zoom' });
    expect(orderOf(key('Z', { ctrlKey: true }))).toEqual({ do: 'undo' });
  });

  it('anything is taken back and done again', () => {
    expect(orderOf(key('z', { ctrlKey: true }))).toEqual({ do: 'undo' });
    expect(orderOf(key('z', { metaKey: true, shiftKey: true }))).toEqual({ do: 'redo' });
    expect(orderOf(key('y', { ctrlKey: true }))).toEqual({ do: 'redo' });
  });

  it('what means nothing is left alone', () => {
    expect(orderOf(key('p', { ctrlKey: true }))).toBeNull();
    expect(orderOf(key('1', { altKey: true }))).toBeNull();
    expect(orderOf(key('ArrowLeft'))).toBeNull();
    expect(orderOf(key('q'))).toBeNull();
  });

  it('every line of the sheet says something', () => {
    const lines = sheet.flatMap((part) => part.keys);
    expect(lines.length).toBeGreaterThan(20);
    for (const [keys, means] of lines) expect(keys.length * means.length).toBeGreaterThan(0);
  });
});
