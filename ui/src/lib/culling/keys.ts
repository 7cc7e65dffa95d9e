/**
 * The keys of looking and rating: one table, for the grid and the viewer alike, and for the sheet
 * that shows them. Caps Lock changes nothing: letters are read without their case, Shift by itself.
 */

import { words } from '../words';

export type Order =
  | { do: 'stars'; stars: number; other: boolean }
  | { do: 'label'; label: string; other: boolean }
  | { do: 'flag'; flag: 'pick' | 'reject' | null; other: boolean }
  | { do: 'compare'; swap: boolean }
  | {
      do:
        | 'undo'
        | 'redo'
        | 'trash'
        | 'back'
        | 'info'
        | 'full'
        | 'zoom'
        | 'album'
        | 'share'
        | 'advance'
        | 'search'
        | 'help';
    };

export const LABELS: Record<string, string> = { 6: 'red', 7: 'yellow', 8: 'green', 9: 'blue' };

export interface Key {
  key: string;
  code: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

const letters: Record<string, Order> = {
  i: { do: 'info' },
  f: { do: 'full' },
  z: { do: 'zoom' },
  b: { do: 'album' },
  s: { do: 'share' },
  a: { do: 'advance' },
  r: { do: 'back' },
};
const flags: Record<string, 'pick' | 'reject' | null> = { p: 'pick', x: 'reject', u: null };

/** What a key orders; null where it orders nothing. */
export function orderOf(event: Key): Order | null {
  const command = event.ctrlKey || event.metaKey;
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.altKey) return null;
  if (command) {
    if (letter === 'z') return { do: event.shiftKey ? 'redo' : 'undo' };
    if (letter === 'y' && !event.shiftKey) return { do: 'redo' };
    return letter === 'f' && !event.shiftKey ? { do: 'search' } : null;
  }
  // With Shift a digit's key has another sign, so the key's place counts.
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1] ?? /^\d$/.exec(event.key)?.[0];
  const other = event.shiftKey;
  if (digit !== undefined) {
    const label = LABELS[digit];
    return label === undefined
      ? { do: 'stars', stars: Number(digit), other }
      : { do: 'label', label, other };
  }
  if (letter in flags) return { do: 'flag', flag: flags[letter] ?? null, other };
  if (letter === 'c') return { do: 'compare', swap: other };
  if (event.key === 'Delete' && !other) return { do: 'trash' };
  if (event.key === '?') return { do: 'help' };
  if (event.key === '/') return { do: 'search' };
  return other ? null : (letters[letter] ?? null);
}

/** Whether keys belong to what is typed there. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== 'range';
  return target.matches('textarea, select, [contenteditable]');
}

/** One line of the sheet. */
export interface Line {
  /** As they are printed on a keyboard. */
  keys: string[];
  means: string;
  /** What is pressed, each by itself: `Shift+ArrowRight`, `z`. */
  strokes: string[];
}

const line = (keys: string, means: string, strokes: string): Line => ({
  keys: keys.split(' '),
  means,
  strokes: strokes.split(' '),
});

/** Everything that is bound stands here: the tests compare. */
export const sheet: { title: string; keys: Line[] }[] = [
  {
    title: words.keys.look,
    keys: [
      line('← → ↑ ↓', words.keys.next, 'ArrowLeft ArrowRight ArrowUp ArrowDown'),
      line('Home End', words.keys.ends, 'Home End'),
      line('Enter', words.keys.open, 'Enter Space'),
      line('Z', words.keys.hundred, 'z'),
      line('Shift ← →', words.keys.pan, 'Shift+ArrowLeft Shift+ArrowUp Shift+ArrowDown'),
      line('C', words.keys.compare, 'c'),
      line('Shift C', words.keys.swap, 'Shift+c'),
      line('V', words.keys.play, 'v'),
      line('I', words.keys.info, 'i'),
      line('F', words.keys.full, 'f'),
      line('Esc', words.keys.escape, 'Escape'),
    ],
  },
  {
    title: words.keys.rate,
    keys: [
      line('1 … 5', words.keys.stars, '1 2 3 4 5'),
      line('0', words.keys.noStars, '0'),
      line('6 7 8 9', words.keys.labels, '6 7 8 9'),
      line('P', words.keys.pick, 'p'),
      line('X', words.keys.reject, 'x'),
      line('U', words.keys.neither, 'u'),
      line('A', words.keys.advance, 'a'),
      line(
        'Shift',
        words.keys.other,
        Array.from('0123456789pxu', (key) => `Shift+${key}`).join(' '),
      ),
    ],
  },
  {
    title: words.keys.choose,
    keys: [
      line('Shift →', words.keys.several, 'Shift+ArrowRight'),
      line('Ctrl A', words.keys.all, 'Ctrl+a'),
      line('B', words.keys.album, 'b'),
      line('S', words.keys.share, 's'),
      line('Del', words.keys.trash, 'Delete'),
      line('R', words.keys.putBack, 'r'),
      line('/', words.keys.search, '/ Ctrl+f'),
    ],
  },
  {
    title: words.keys.takeBack,
    keys: [
      line('Ctrl Z', words.keys.undo, 'Ctrl+z'),
      line('Ctrl Shift Z', words.keys.redo, 'Ctrl+Shift+z Ctrl+y'),
      line('?', words.keys.help, '?'),
    ],
  },
];
