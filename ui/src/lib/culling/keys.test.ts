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

  it('two photos are compared, and with Shift they change places', () => {
    expect(orderOf(key('c'))).toEqual({ do: 'compare', swap: false });
    expect(orderOf(key('C', { shiftKey: true }))).toEqual({ do: 'compare', swap: true });
    expect(orderOf(key('c', { ctrlKey: true }))).toBeNull();
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

  /** Every key there may be, alone and with others. */
  const strokes = ((): string[] => {
    const signs = Array.from({ length: 94 }, (_, n) => String.fromCharCode(33 + n));
    // Capitals are the same keys with Caps Lock.
    const keys = signs.filter((sign) => !/[A-Z+]/.test(sign));
    const named = ['Space', 'Enter', 'Escape', 'Tab', 'Backspace', 'Delete', 'Insert', 'Home'];
    named.push('End', 'PageUp', 'PageDown', 'F1', 'ArrowLeft', 'ArrowRight', 'ArrowUp');
    return ['', 'Shift+', 'Ctrl+', 'Ctrl+Shift+'].flatMap((with_) =>
      [...keys, ...named, 'ArrowDown'].map((name) => with_ + name),
    );
  })();

  function pressed(stroke: string): Key {
    const name = stroke.split('+').at(-1) ?? '';
    return key(name === 'Space' ? ' ' : name, {
      code: /^\d$/.test(name) ? `Digit${name}` : '',
      shiftKey: stroke.includes('Shift+'),
      ctrlKey: stroke.includes('Ctrl+'),
    });
  }

  const listed = sheet.flatMap((part) => part.keys.flatMap((line) => line.strokes));

  it('the sheet lists every key that orders something', () => {
    const ordering = strokes.filter((stroke) => orderOf(pressed(stroke)) !== null);
    expect(ordering.length).toBeGreaterThan(30);
    // Signs are signs, however they are typed.
    const bare = (stroke: string): string => stroke.replace(/^Shift\+([?/])$/, '$1');
    expect(ordering.filter((stroke) => !listed.includes(bare(stroke)))).toEqual([]);
  });

  /** What the grid, the viewer and the player listen to themselves, read from where they do. */
  const sources = import.meta.glob<string>(
    ['../library/Grid.svelte', '../viewer/*.svelte', '../../views/*.svelte'],
    { query: '?raw', import: 'default', eager: true },
  );
  const heard = new Set(
    Object.values(sources).flatMap((source) =>
      [
        ...source.matchAll(/\bkey(?:\.toLowerCase\(\))? [!=]== '([^']+)'/g),
        ...source.matchAll(/^ {4}(Arrow\w+|Home|End): /gm),
      ].map(([, name]) => (name === ' ' ? 'Space' : (name ?? ''))),
    ),
  );

  it('the sheet lists every key a view listens to', () => {
    expect(heard.size).toBeGreaterThan(8);
    const names = listed.map((stroke) => stroke.split('+').at(-1));
    expect([...heard].filter((name) => !names.includes(name))).toEqual([]);
  });

  it('the sheet promises no key that does nothing', () => {
    const idle = listed.filter((stroke) => {
      const name = stroke.split('+').at(-1) ?? '';
      return orderOf(pressed(stroke)) === null && !heard.has(name);
    });
    expect(idle).toEqual([]);
  });

  it('every line of the sheet says something, once', () => {
    const lines = sheet.flatMap((part) => part.keys);
    expect(lines.length).toBeGreaterThan(20);
    for (const { keys, means } of lines) expect(keys.length * means.length).toBeGreaterThan(0);
    expect(new Set(listed).size).toBe(listed.length);
  });
});
