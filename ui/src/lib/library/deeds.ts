import type { Deed, Undone } from '../ipc';
import { counted } from '../shared/figures';

/** What a deed changed, as it is said when it is taken back. A deed without words does not compile. */
const words: Record<Deed, string> = {
  rated: 'Stars',
  labelled: 'Labels',
  flagged: 'Flags',
  described: 'Words',
  keyworded: 'Keywords',
  trashed: 'Trash',
  put_back: 'Putting back',
  edited: 'Changes',
  album_made: 'New album',
  album_filled: 'Adding to the album',
  album_taken: 'Taking out of the album',
  album_renamed: 'The album’s name',
  album_trashed: 'Deleting the album',
};

/** `Taken back: stars of 3 photos`. */
export function deedWords({ deed, photos }: Undone, again: boolean): string {
  const what = words[deed].charAt(0).toLowerCase() + words[deed].slice(1);
  const of = photos.length > 0 ? ` of ${counted(photos.length, 'photo')}` : '';
  return `${again ? 'Done again' : 'Taken back'}: ${what}${of}`;
}
