import type { Safety, ShootSafety } from '../ipc';
import { words } from '../words';

/** The answer in one sentence, and whether it is a good one. */
export function answer(known: Safety): { text: string; tone: 'good' | 'plain' | 'bad' } {
  if (known.photos === 0) return { text: words.home.noPhotos, tone: 'plain' };
  if (known.nowhere > 0) return { text: words.home.nowhere(known.nowhere), tone: 'bad' };
  if (known.alone > 0) {
    // Where the library lacks nothing and its disk is there, the one place is this computer.
    const [library] = known.all;
    const here = library?.present === true && library.lacking === 0;
    const says = here ? words.home.hereOnly : words.home.onePlaceOnly;
    const all = known.alone === known.photos && known.photos > 1;
    return { text: says(known.alone, all), tone: 'plain' };
  }
  const away = known.all.filter((place) => !place.present).length;
  if (away > 0) return { text: words.home.safeAway(known.places, away), tone: 'good' };
  return { text: words.home.safe(known.places), tone: 'good' };
}

export type Need = 'find' | 'show' | 'backup' | 'mirror' | 'bring';

/** What a shoot needs most, in words, and what to do about it; `mirrors`: one of them is there. */
export function need(
  row: ShootSafety,
  bucket: boolean,
  mirrors = true,
): { text: string; do: Need } {
  if (row.nowhere > 0) return { text: words.home.withoutCopy(row.nowhere), do: 'find' };
  if (bucket && row.notInBucket > 0)
    return { text: words.home.notInBucket(row.notInBucket), do: 'backup' };
  if (row.notMirrored > 0 && !mirrors)
    return { text: words.home.mirrorAway(row.notMirrored), do: 'show' };
  if (row.notMirrored > 0) return { text: words.home.notMirrored(row.notMirrored), do: 'mirror' };
  if (row.notInLibrary > 0) return { text: words.home.notHere(row.notInLibrary), do: 'bring' };
  return { text: words.home.inOnePlace(row.alone), do: 'show' };
}
