import { choosing, counting } from '../counting';

const of = counting('en');

/** What is counted. */
export const counts = {
  photos: of({ one: 'photo', other: 'photos' }),
  files: of({ one: 'file', other: 'files' }),
  newFiles: of({ one: 'new file', other: 'new files' }),
  shoots: of({ one: 'shoot', other: 'shoots' }),
  mirrors: of({ one: 'mirror', other: 'mirrors' }),
  stars: of({ one: 'star', other: 'stars' }),
  smallPictures: of({ one: 'small picture', other: 'small pictures' }),
  things: of({ one: 'thing', other: 'things' }),
};

export const choose = choosing('en');

/** Buttons and figures that mean the same wherever they stand. */
export const common = {
  back: 'Back',
  cancel: 'Cancel',
  checkBucket: 'Check the bucket',
  checking: 'Checking…',
  choose: 'Choose…',
  close: 'Close',
  connectBucket: 'Connect a bucket',
  copied: 'Copied',
  copy: 'Copy',
  copyOf: (label: string) => `Copy: ${label}`,
  details: 'Details',
  goOn: 'Go on',
  importPhotos: 'Import photos',
  leftOut: 'Left out',
  photosLive: 'Where your photos live',
  setSafer: 'Set what can be safer',
  showPhotos: 'Show the photos',
  stop: 'Stop',
  stopping: 'Stopping…',
  tryAgain: 'Try again',
  tryTheseAgain: 'Try these again',
  undo: 'Undo',
  unlock: 'Unlock',
  unlockVault: 'Unlock…',
  passphrase: 'Passphrase',

  noPhotos: 'No photos yet',
  noPhotosText: 'Put a memory card in, or choose any folder. Every copy is read back and compared.',

  /** How far something is: `12 of 40`. */
  of: (done: string, all: string) => `${done} of ${all}`,
  /** `1:40 left`. */
  left: (time: string) => `${time} left`,
  /** `96 MB/s`. */
  perSecond: (bytes: string) => `${bytes}/s`,
  /** A list of files with its number. */
  titled: (title: string, count: string) => `${title}: ${count}`,
  picked: 'Picked',
  rejected: 'Rejected',
  labelled: (label: string) => `Label: ${label}`,
  damagedFile: 'Damaged file',
  rating: 'Rating',
};
