/**
 * The keys of looking and rating: one table, for the grid and the viewer alike, and for the sheet
 * that shows them. Caps Lock changes nothing: letters are read without their case, Shift by itself.
 */

export type Order =
  | { do: 'stars'; stars: number; other: boolean }
  | { do: 'label'; label: string; other: boolean }
  | { do: 'flag'; flag: 'pick' | 'reject' | null; other: boolean }
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
    if (letter === 'y') return { do: 'redo' };
    if (letter === 'f') return { do: 'search' };
    return null;
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
  if (event.key === 'Delete') return { do: 'trash' };
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

export const sheet: { title: string; keys: [keys: string[], means: string][] }[] = [
  {
    title: 'Look',
    keys: [
      [['←', '→', '↑', '↓'], 'Next and previous photo'],
      [['Enter'], 'Open the photo, and back to the grid'],
      [['Z'], '100 %: every pixel of the original'],
      [['V'], 'Play what moves: a film, a Live Photo'],
      [['I'], 'What is known of the photo'],
      [['F'], 'Full screen'],
      [['Esc'], 'Back, or choose nothing'],
    ],
  },
  {
    title: 'Rate',
    keys: [
      [['1', '…', '5'], 'Stars'],
      [['0'], 'No stars'],
      [['6', '7', '8', '9'], 'Label red, yellow, green, blue'],
      [['P'], 'Pick'],
      [['X'], 'Reject'],
      [['U'], 'Neither'],
      [['A'], 'Go on to the next photo after each, or stay'],
      [['Shift'], 'With a key above: the other of the two, this once'],
    ],
  },
  {
    title: 'Choose and sort',
    keys: [
      [['Shift', '→'], 'Choose several'],
      [['Ctrl', 'A'], 'Choose all'],
      [['B'], 'Put into an album'],
      [['S'], 'Share'],
      [['Del'], 'Into the trash'],
      [['R'], 'Out of the trash'],
      [['/'], 'Search and filter'],
    ],
  },
  {
    title: 'Take back',
    keys: [
      [['Ctrl', 'Z'], 'Undo, whatever it was'],
      [['Ctrl', 'Shift', 'Z'], 'Do it again'],
      [['?'], 'This sheet'],
    ],
  },
];
