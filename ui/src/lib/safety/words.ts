import type { Safety, ShootSafety } from '../ipc';
import { count, counted } from '../shared/figures';

const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six'];

function places(n: number): string {
  return `${numbers[n] ?? count(n)} ${n === 1 ? 'place' : 'places'}`;
}

/** The answer in one sentence, and whether it is a good one. */
export function answer(known: Safety): { text: string; tone: 'good' | 'plain' | 'bad' } {
  if (known.photos === 0) return { text: 'No photos yet.', tone: 'plain' };
  if (known.nowhere > 0)
    return {
      text: `${counted(known.nowhere, 'photo')} ${known.nowhere === 1 ? 'has' : 'have'} no whole copy anywhere.`,
      tone: 'bad',
    };
  if (known.alone > 0) {
    const verb = known.alone === 1 ? 'exists' : 'exist';
    // Where the library lacks nothing, the one place is this computer.
    const where = known.all[0]?.lacking === 0 ? 'only on this computer' : 'in one place only';
    const all = known.alone === known.photos && known.photos > 1;
    return {
      text: `${all ? `All ${counted(known.alone, 'photo')}` : counted(known.alone, 'photo')} ${verb} ${where}.`,
      tone: 'plain',
    };
  }
  return { text: `Everything is safe in ${places(known.places)}.`, tone: 'good' };
}

export type Need = 'find' | 'show' | 'backup' | 'mirror' | 'bring';

/** What a shoot needs most, in words, and what to do about it. */
export function need(row: ShootSafety, bucket: boolean): { text: string; do: Need } {
  const photos = (n: number): string => counted(n, 'photo');
  if (row.nowhere > 0) return { text: `${photos(row.nowhere)} without a whole copy`, do: 'find' };
  if (bucket && row.notInBucket > 0)
    return { text: `${photos(row.notInBucket)} not in the bucket`, do: 'backup' };
  if (row.notMirrored > 0)
    return { text: `${photos(row.notMirrored)} not on every mirror`, do: 'mirror' };
  if (row.notInLibrary > 0)
    return { text: `${photos(row.notInLibrary)} not on this computer`, do: 'bring' };
  return { text: `${photos(row.alone)} in one place only`, do: 'show' };
}
