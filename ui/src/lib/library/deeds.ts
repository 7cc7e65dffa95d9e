import type { Undone } from '../ipc';
import { words } from '../words';

/** `Taken back: stars of 3 photos`. A deed without words does not compile. */
export function deedWords({ deed, photos }: Undone, again: boolean): string {
  const says = again ? words.library.redone : words.library.undone;
  return says(words.library.deeds[deed], photos.length);
}
