import { counts } from './common';

/** The first run: where the photos live. */
export const start = {
  program: 'Darkslide',
  step: (now: number, of: number) => `Step ${now} of ${of}`,
  where: 'Where should your photos live?',
  ways: 'How to begin',
  fresh: 'Start a new library',
  freshText: 'An empty folder; cards are copied into it by date.',
  freshSays:
    'Originals stay plain files in this folder, sorted by date, for any program to read. Choose a disk with room for years.',
  adopt: 'I have photos in folders already',
  adoptText: 'They stay where they are; nothing is moved or copied.',
  adoptSays:
    'Choose the folder that holds all of them. Each file is read once, so that it is known from now on; new cards go into a folder Originals beside them.',
  open: 'Open a vault from its 24 words',
  openText: 'Another computer made it; its photos come here.',
  openSays:
    'Where photos of the vault will be put. Choose an empty folder on a disk with room for years.',
  library: 'Library',
  begin: 'Begin',
  catalogue: (home: string) =>
    `The catalogue goes to ${home}. Files on this computer rely on its own disk encryption; what goes to your bucket is encrypted before it leaves.`,

  adopting: 'Looking at your photos',
  adoptingText: 'Each file is read once. Nothing is moved, copied or changed.',
  adopted: (files: number) => `${counts.files(files)} taken in`,
  adoptionStopped: 'Stopped half-way',
  allWhereItWas: (bytes: string) => `${bytes}, all of it where it was.`,
  goingOn: 'What was read is known; going on reads only the rest.',
  cannotBeRead: 'Cannot be read',
  continue: 'Continue',

  secondCopy: 'Where should the second copy go?',
  later: 'Later',
  vaultOpen: 'Your vault is open',
  vaultText: (photos: number, pictures: number) =>
    `${counts.photos(photos)} are in the catalogue, with ${counts.smallPictures(pictures)}. Originals come back when you ask for them.`,
  didNotCome: 'Did not come',
};
