import { counts } from './common';

/** A card: found, planned, copied, and the verdict on it. */
export const importing = {
  title: 'Import',
  cards: 'Cards',
  another: 'Another',
  working: 'working',
  onIt: 'What is on it',
  becomes: 'What becomes of it',

  text: 'Photos are copied into your library, and every copy is read back and compared. The card is only read, never written to.',
  noCard: 'No card is in. Put one in and it appears here, or choose a folder.',
  importFrom: 'Import from',
  folder: 'Folder',
  folderExample: '/media/EOS_DIGITAL or any folder',
  look: 'See what is new',

  noPhoto: 'There is no photo here.',
  alreadyHere: 'Already here',
  run: (from: string, to: string | null, photos: string) =>
    `${to === null ? from : `${from}–${to}`} · ${photos}`,

  looking: 'Looking at the card',
  lookingText: 'Finding out which photos are new.',
  importing: 'Importing',
  importingText: 'You can go on looking at photos. What is verified stays, even if you stop.',

  nothingNew: 'Nothing new',
  toCopy: (bytes: string, here: string) => `${bytes} to copy · ${here} already here`,
  here: (here: string) => `${here} already here`,
  cannotBeRead: 'Cannot be read',
  noRoom: 'There is not enough room.',
  noRoomSafe: 'Nothing was copied.',
  noRoomNext: 'Make room, or import another folder first.',
  shoot: 'Shoot',
  shootExample: 'Smith wedding',
  client: 'Client',
  clientExample: 'Smith',
  preset: 'Preset',
  noPreset: 'None',
  names: 'Names and folders',
  template: 'Template',
  first: 'The first will be',
  copiedTo: (places: number) => (places > 1 ? 'Copied to each of these' : 'Copied to'),
  free: (bytes: string) => `${bytes} free`,
  import: (files: string) => `Import ${files}`,
  allHere: 'Every photo on it that can be read is in your library already.',
  nothingOnIt: 'There is nothing on it that could be imported.',

  safe: 'Safe to format',
  safeText: 'Every file has verified copies in two places.',
  nowSafe: (cards: string) => `${cards}: every file is in two places now. Safe to format.`,
  safeBut:
    'Every file has verified copies in two places, but for what is listed below as left out.',
  stopped: 'Stopped. Keep the card.',
  stoppedText:
    'What was imported until then is verified and stays. Import again to go on where this one stopped.',
  failed: (files: number) => `Keep the card: ${counts.files(files)} failed`,
  failedText:
    'Everything else was copied and verified. Import again to try the rest: it goes on where this one stopped.',
  gone: 'The card went away. Keep it',
  goneText:
    'What was copied until then is verified and stays. Put the card back in and import again: it goes on where this one stopped.',
  keep: 'Keep the card',
  keepText:
    'Copied and verified once. Back up to your bucket, or add a second disk, before you format it.',
  hereText:
    'Every photo on it is in your library already, but in one place only. Back up to your bucket, or add a second disk, before you format it.',
  failedFiles: 'Failed',
  imported: 'Imported',
  copied: 'Copied',
  rate: 'Rate',
  notOnMirror: 'Not on a mirror',
  oneCopy: (files: number) => `${counts.files(files)} with one verified copy only`,
  readBack: 'Every copy was read back from the disk and compared.',
  theCard: 'The card',
  takeOut: (card: string) => `${card} can be taken out.`,
  rest: 'Go on with the rest',
  importAnother: 'Import another',
  eject: 'Eject',
  ejecting: 'Ejecting…',
};
