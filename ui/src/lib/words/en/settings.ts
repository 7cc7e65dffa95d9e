import { counts } from './common';

/** The page of settings, and the lock. */
export const settings = {
  title: 'Settings',
  folder: 'Folder',
  remove: 'Remove',
  away: 'Away. ',

  library: 'Library',
  originals: 'Originals',
  catalogue: 'Catalogue',

  mirrors: 'Mirrors',
  mirrorsText:
    'Further copies on own disks (a NAS, a second drive), written and read back in the same pass as the library.',
  hasEverything: 'Has everything.',
  behind: (files: number, bytes: string) => `${counts.files(files)} behind, ${bytes}.`,
  removeMirror: (path: string) => `Remove the mirror ${path}`,
  copied: (done: string, all: string) => `${done} of ${all} copied`,
  copyMissing: 'Copy what is missing',
  notCopied: 'Could not be copied',
  mirrorExample: '/mnt/nas/photos',
  aMirror: 'A mirror',
  addMirror: 'Add mirror',

  watched: 'Watched folders',
  /** Before the command that does the same. */
  watchedText:
    'What an editor exports there joins its photo as a finished version, by itself, while Darkslide is open. Without the window,',
  watchedRuns: 'does the same.',
  finished: 'Finished photos',
  backups: 'Backups of an editor’s catalogue',
  removeWatched: (path: string) => `Remove the watched folder ${path}`,
  watchedExample: '~/Exports',
  aFolder: 'A folder to watch',
  watch: 'Watch',

  presets: 'Presets',
  presetsText: 'Names, copyright and more under one word, chosen when a card is imported.',
  change: 'Change',
  changePreset: (name: string) => `Change ${name}`,
  removePreset: (name: string) => `Remove ${name}`,
  dayStartsAt: (hour: number) => `a day starts at ${hour}`,
  name: 'Name',
  nameExample: 'wedding',
  template: 'Template',
  creator: 'Creator',
  copyright: 'Copyright',
  dayStarts: 'A day starts at (hour)',
  hours: '0 to 23',
  keepPreset: 'Keep preset',
  newPreset: 'New preset…',

  previews: 'Small pictures',
  previewsText: (bytes: string) =>
    `They take ${bytes}. Beyond the bound the oldest go, and come back when they are looked at.`,
  atMost: 'At most',
  noBound: 'No bound',

  bucket: 'Bucket',
  address: 'Address',
  region: 'Region',
  forShares: 'For shares',
  noBucket: 'None yet: your photos are on this computer only.',
  connect: 'Connect a bucket…',

  lock: 'Lock',
  lockText:
    'A passphrase for this window keeps others from your desk and forgets the bucket’s keys. It does not encrypt the disk: that is your system’s part.',
  lockOn: (minutes: number) =>
    minutes > 0 ? `On, after ${minutes} minutes without a touch.` : 'On.',
  lockNow: 'Lock now',
  lockAfter: 'Lock after',
  times: { five: '5 minutes', quarter: '15 minutes', hour: 'an hour', never: 'never by itself' },
  setLock: 'Set the lock',
  takeLockAway: 'Take the lock away',
  leastLength: 'At least 8 characters.',
  locked: 'Locked',
  notThePassphrase: 'This is not the passphrase.',
  opening: 'Opening…',
  unlockTitle: 'Unlock the vault',
  unlocking: 'Unlocking…',
  unlockText:
    'This system’s keyring does not hold the vault’s key or does not answer. The passphrase opens it until you close the window.',
  version: (version: string) => `Darkslide ${version}`,
};
