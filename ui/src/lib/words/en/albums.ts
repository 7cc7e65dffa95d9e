import { counts } from './common';

/** Albums: put into, changed, ended. */
export const albums = {
  add: (photos: number) => `Add ${counts.photos(photos)} to an album`,
  newAlbum: 'New album',
  example: 'Best',
  create: 'Create',
  change: 'Change the album',
  name: 'Name',
  delete: 'Delete the album',
  photosStay: 'Its photos stay in the library',
  rename: 'Rename',
  deleted: 'Album deleted, its photos stay',
  renamed: (name: string) => `Now called ${name}`,
  takenOut: (photos: number, album: string) => `${counts.photos(photos)} taken out of ${album}`,
  putInto: (photos: number, album: string) => `${counts.photos(photos)} put into ${album}`,
};
