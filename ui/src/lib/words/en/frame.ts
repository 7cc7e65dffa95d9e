import { counts } from './common';

/** What stands around every view: the rail and the status line. */
export const frame = {
  places: 'Places',
  home: 'Home',
  library: 'Library',
  import: 'Import',
  links: 'Links',
  live: (links: number) => `${links} live`,
  albums: 'Albums',
  shoots: 'Shoots',
  older: (shoots: string) => `${shoots} older: Filter, then Shoot`,
  trash: 'Trash',
  settings: 'Settings',

  lookingAtCard: 'Looking at the card',
  importing: 'Importing',
  counted: (done: string, all: string) => `${done}/${all}`,
  here: 'Your photos are on this computer only.',
  backingUp: 'Backing up',
  pause: 'Pause',
  notBackedUp: (files: number) => `${counts.files(files)} could not be backed up`,
  reason: (file: string, reason: string) => `${file}: ${reason}`,
  behind: (files: number, paused: boolean) =>
    `${paused ? 'Backup paused, ' : ''}${counts.files(files)} not in the bucket yet`,
  backUpNow: 'Back up now',
  watchedFailed: (files: number) => `${counts.files(files)} of a watched folder failed`,
  watchedJoined: (files: number) => `${counts.files(files)} came from a watched folder`,
  connectedTo: (bucket: string) => `Connected to ${bucket}`,
  upToDate: 'Backup up to date',
};
