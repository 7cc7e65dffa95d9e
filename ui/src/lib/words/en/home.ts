import { choose, counts } from './common';

const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six'];
const needs = choose({ one: 'needs', other: 'need' });
const has = choose({ one: 'has', other: 'have' });
const exists = choose({ one: 'exists', other: 'exist' });
const places = choose({ one: 'place', other: 'places' });

/** “Are my photos safe?” */
export const home = {
  title: 'Home',
  noPhotos: 'No photos yet.',
  nowhere: (photos: number) => `${counts.photos(photos)} ${has(photos)} no whole copy anywhere.`,
  hereOnly: (photos: number, all: boolean) =>
    `${all ? 'All ' : ''}${counts.photos(photos)} ${exists(photos)} only on this computer.`,
  onePlaceOnly: (photos: number, all: boolean) =>
    `${all ? 'All ' : ''}${counts.photos(photos)} ${exists(photos)} in one place only.`,
  safeAway: (n: number, away: number) =>
    `Everything is safe in ${numbers[n] ?? n} ${places(n)}, ${numbers[away] ?? away} of them not connected.`,
  safe: (n: number) => `Everything is safe in ${numbers[n] ?? n} ${places(n)}.`,

  photos: (photos: number) => `${counts.photos(photos)}.`,
  lastBackup: (when: string) => `The last backup was read back on ${when}.`,
  noBackup: (bucket: string) => `Nothing was backed up to ${bucket} yet.`,
  noBucketText: 'A copy somewhere else keeps them when this computer is lost.',

  backup: 'Backup',
  backingUp: 'Backing up',
  pause: 'Pause',
  looking: 'Looking what is new',
  notBackedUp: (files: number) => `${counts.files(files)} could not be backed up`,
  notBackedUpFiles: 'Not backed up',
  paused: 'The backup is paused',
  pausedText: 'What is in the bucket stays there. It goes on where it stopped.',
  making: { mirror: 'Copying to the mirrors', bring: 'Bringing originals back' },
  copyingText: (done: string, all: string) => `${done} of ${all}, each copy read back`,
  lookingWhatLacks: 'Looking what is lacking',

  places: 'Places',
  kinds: {
    library: 'Library on this computer',
    mirror: 'Mirror',
    bucket: 'Your bucket, encrypted',
  },
  notConnected: 'Not connected',
  somePhotos: (have: string, photos: number) => `${have} of ${counts.photos(photos)}`,
  noBucket: 'No bucket yet',
  bucketText: 'Encrypted here, kept where you rent the space.',

  needs: 'What needs something',
  needSomething: (shoots: number) => `${counts.shoots(shoots)} ${needs(shoots)} something`,
  needNothing: (shoots: number) => `${counts.shoots(shoots)} ${needs(shoots)} nothing.`,
  noShoot: 'Photos without a shoot',
  ofPhotos: (what: string, photos: string) => `${what}, of ${photos}`,
  more: (shoots: string) => `And ${shoots} more.`,
  underWay: 'Under way',
  do: { show: 'Show them', backup: 'Back up', mirror: 'Copy to the mirrors', bring: 'Bring back' },
  withoutCopy: (photos: number) => `${counts.photos(photos)} without a whole copy`,
  notInBucket: (photos: number) => `${counts.photos(photos)} not in the bucket`,
  notMirrored: (photos: number) => `${counts.photos(photos)} not on every mirror`,
  mirrorAway: (photos: number) => `${counts.photos(photos)} not on a mirror that is not connected`,
  notHere: (photos: number) => `${counts.photos(photos)} not on this computer`,
  inOnePlace: (photos: number) => `${counts.photos(photos)} in one place only`,
  notMadeTitle: 'What could not be copied',
  notMade: {
    mirror: (files: number) => `${counts.files(files)} could not be copied to a mirror`,
    bring: (files: number) => `${counts.files(files)} could not be brought back`,
  },
  notCopied: 'Not copied',
};
