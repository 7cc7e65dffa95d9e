/** What the window may ask of the shell, one function a command. */
import type {
  Album,
  BackupReport,
  Bucket,
  BucketKeys,
  Card,
  Film,
  Home,
  ImportOrder,
  ImportPlan,
  ImportReport,
  Link,
  LinkRow,
  Month,
  Photo,
  Revoked,
  ShareOrder,
  Status,
} from './bindings';
import { call, work, type OnCounts, type Work } from './call';

export type * from './bindings';
export { AppError, filmUrl, previewUrl, type OnCounts, type PreviewSize, type Work } from './call';
export { errorText, wantsPassphrase, type ErrorText } from './errors';

export const home = (): Promise<Home> => call('home');
export const setUp = (library: string): Promise<Home> => call('set_up', { library });
export const pickFolder = (title: string): Promise<string | null> => call('pick_folder', { title });

/** Makes the vault in a bucket; returns the recovery words, this once. */
export const createVault = (bucket: Bucket, keys: BucketKeys | null): Promise<string[]> =>
  call('create_vault', { bucket, keys });
/** The passphrase of a vault on a computer whose keyring does not answer. */
export const givePassphrase = (passphrase: string): Promise<void> =>
  call('give_passphrase', { passphrase });

export const cards = (): Promise<Card[]> => call('cards');
export const planImport = (order: ImportOrder, onCounts: OnCounts): Work<ImportPlan> =>
  work('plan_import', { order }, onCounts);
export const importCard = (order: ImportOrder, onCounts: OnCounts): Work<ImportReport> =>
  work('import_card', { order }, onCounts);

export const months = (query: string): Promise<Month[]> => call('months', { query });
export const photos = (query: string, offset: number, limit: number): Promise<Photo[]> =>
  call('photos', { query, offset, limit });
export const rate = (photos: string[], rating: number): Promise<void> =>
  call('rate', { photos, rating });
export const label = (photos: string[], label: string | null): Promise<void> =>
  call('label', { photos, label });

export const albums = (): Promise<Album[]> => call('albums');
export const createAlbum = (name: string, photos: string[]): Promise<void> =>
  call('create_album', { name, photos });
export const addToAlbum = (name: string, photos: string[]): Promise<number> =>
  call('add_to_album', { name, photos });

export const share = (order: ShareOrder, onCounts: OnCounts): Work<Link> =>
  work('share', { order }, onCounts);
export const links = (): Promise<LinkRow[]> => call('links');
export const showLink = (id: string): Promise<Link> => call('show_link', { id });
export const revokeLink = (id: string): Promise<Revoked> => call('revoke_link', { id });

export const status = (): Promise<Status> => call('status');
export const backUp = (onCounts: OnCounts): Work<BackupReport> => work('back_up', {}, onCounts);

/** What there is to play of a photo; its bytes come from `filmUrl`. */
export const film = (photo: string): Promise<Film | null> => call('film', { photo });
