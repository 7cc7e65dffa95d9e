/** What the window may ask of the shell, one function a command. */
import type {
  AdoptReport,
  Album,
  Details,
  Facet,
  Facets,
  Histogram,
  MirrorReport,
  RestoreReport,
  PhotoFlag,
  Safety,
  Undone,
  Words,
  BackupReport,
  Bucket,
  BucketCheck,
  BucketKeys,
  Card,
  Film,
  Followed,
  CardContents,
  Ejected,
  Home,
  ImportOrder,
  ImportPlan,
  ImportReport,
  LeftOut,
  Link,
  LinkRow,
  Month,
  Opening,
  Photo,
  Policy,
  Preferences,
  PresetRow,
  Provider,
  Recovery,
  Revoked,
  ShareOrder,
  Status,
  VaultOpened,
  WatchedKind,
} from './bindings';
import { call, Channel, work, type OnCounts, type Work } from './call';

export type * from './bindings';
export {
  AppError,
  cardPictureUrl,
  filmUrl,
  previewUrl,
  type OnCounts,
  type PreviewSize,
  type Work,
} from './call';
export { errorText, wantsKeys, wantsPassphrase, type ErrorText } from './errors';

export const home = (): Promise<Home> => call('home');
export const setUp = (library: string): Promise<Home> => call('set_up', { library });
export const pickFolder = (title: string): Promise<string | null> => call('pick_folder', { title });

export const adopt = (folder: string, onCounts: OnCounts): Work<AdoptReport> =>
  work('adopt', { folder }, onCounts);

export const providers = (): Promise<Provider[]> => call('providers');
export const bucketPolicy = (provider: string, buckets: string[]): Promise<Policy> =>
  call('bucket_policy', { provider, buckets });
/** Tries out what a bucket does. */
export const checkBucket = (bucket: Bucket, keys: BucketKeys | null): Promise<BucketCheck> =>
  call('check_bucket', { bucket, keys });
export const makeBucket = (bucket: Bucket, keys: BucketKeys | null): Promise<BucketCheck> =>
  call('make_bucket', { bucket, keys });
export const hardenBucket = (bucket: Bucket, keys: BucketKeys | null): Promise<BucketCheck> =>
  call('harden_bucket', { bucket, keys });
export const openVault = (
  opening: Opening,
  keys: BucketKeys | null,
  onCounts: OnCounts,
): Work<VaultOpened> => work('open_vault', { opening, keys }, onCounts);
/** Where the kit was written; null when the dialog was closed. */
export const saveKit = (recovery: Recovery, title: string): Promise<string | null> =>
  call('save_kit', { recovery, title });

/** The 24 words of a vault that is to be made: nothing opens with them yet. */
export const drawWords = (): Promise<string[]> => call('draw_words');
/** Makes the vault these words open, in a bucket. */
export const createVault = (
  bucket: Bucket,
  keys: BucketKeys | null,
  words: string[],
): Promise<Recovery> => call('create_vault', { bucket, keys, words });
/** New keys to the bucket, in place of those that ended; whether the keyring keeps them. */
export const renewKeys = (keys: BucketKeys): Promise<boolean> => call('renew_keys', { keys });
/** The passphrase of a vault on a computer whose keyring does not answer. */
export const unlockVault = (passphrase: string): Promise<void> =>
  call('unlock_vault', { passphrase });
export const givePassphrase = (passphrase: string): Promise<void> =>
  call('give_passphrase', { passphrase });

export const cards = (): Promise<Card[]> => call('cards');
/** The same, as soon as one may have come or gone. */
export const nextCards = (): Promise<Card[]> => call('next_cards');
export const cardContents = (source: string): Promise<CardContents> =>
  call('card_contents', { source });
export const cardTimes = (id: string): Work<(string | null)[]> =>
  work('card_times', { id }, () => undefined);
export const sampleName = (order: ImportOrder): Promise<string> => call('sample_name', { order });
export const ejectCard = (source: string): Work<Ejected> =>
  work('eject_card', { source }, () => undefined);
export const planImport = (order: ImportOrder, onCounts: OnCounts): Work<ImportPlan> =>
  work('plan_import', { order }, onCounts);
export const importCard = (order: ImportOrder, onCounts: OnCounts): Work<ImportReport> =>
  work('import_card', { order }, onCounts);

/** What was ordered of cards that are in, and cut off when the program ended. */
export const importsCutOff = (): Promise<ImportOrder[]> => call('imports_cut_off');

export const months = (query: string): Promise<Month[]> => call('months', { query });
export const photos = (
  query: string,
  offset: number,
  limit: number,
  sort: string | null = null,
): Promise<Photo[]> => call('photos', { query, offset, limit, sort });
/** How many photos of the grid stand before this one; null where it is not in it. */
export const placeOfPhoto = (
  query: string,
  sort: string | null,
  photo: string,
): Promise<number | null> => call('place_of_photo', { query, sort, photo });
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

// Looking and rating.
export const flag = (photos: string[], flag: PhotoFlag | null): Promise<void> =>
  call('flag', { photos, flag });
export const describe = (photos: string[], words: Words): Promise<void> =>
  call('describe', { photos, words });
/** Into the trash, or out of it. No file is touched. */
export const trash = (photos: string[], trash: boolean): Promise<void> =>
  call('trash', { photos, trash });
/** Takes back what was done last; null where nothing is left. */
export const undo = (): Promise<Undone | null> => call('undo');
export const redo = (): Promise<Undone | null> => call('redo');
export const findPhotos = (query: string): Promise<string[]> => call('find_photos', { query });
export const details = (photo: string): Promise<Details> => call('details', { photo });
export const histogram = (photo: string): Promise<Histogram> => call('histogram', { photo });
export const facets = (): Promise<Facets> => call('facets');
export const shoots = (): Promise<Facet[]> => call('shoots');
export const removeFromAlbum = (name: string, photos: string[]): Promise<number> =>
  call('remove_from_album', { name, photos });
export const renameAlbum = (name: string, to: string): Promise<void> =>
  call('rename_album', { name, to });
export const trashAlbum = (name: string): Promise<void> => call('trash_album', { name });
export const fullScreen = (on: boolean): Promise<void> => call('full_screen', { on });
export const safety = (): Promise<Safety> => call('safety');
/** Brings the originals of what a query finds back into the library. */
export const bringBack = (query: string, onCounts: OnCounts): Work<RestoreReport> =>
  work('bring_back', { query }, onCounts);
export const copyToMirrors = (onCounts: OnCounts): Work<MirrorReport> =>
  work('copy_to_mirrors', {}, onCounts);

// Settings.
export const preferences = (): Promise<Preferences> => call('preferences');
export const addMirror = (path: string): Promise<Preferences> => call('add_mirror', { path });
export const removeMirror = (path: string): Promise<Preferences> => call('remove_mirror', { path });
export const syncMirrors = (onCounts: OnCounts): Work<LeftOut[]> =>
  work('sync_mirrors', {}, onCounts);
/** Follows the watched folders while the program runs, and tells what came of it. */
export function followWatched(told: (followed: Followed) => void): Promise<void> {
  const channel = new Channel<Followed>();
  channel.onmessage = told;
  return call('follow_watched', { channel });
}
export const watchFolder = (path: string, kind: WatchedKind): Promise<Preferences> =>
  call('watch_folder', { path, kind });
export const unwatchFolder = (path: string): Promise<Preferences> =>
  call('unwatch_folder', { path });
export const keepPreset = (preset: PresetRow): Promise<Preferences> =>
  call('keep_preset', { preset });
export const removePreset = (name: string): Promise<Preferences> => call('remove_preset', { name });
export const limitPreviews = (bytes: number | null): Promise<Preferences> =>
  call('limit_previews', { bytes });
export const checkOwnBucket = (harden: boolean): Promise<BucketCheck> =>
  call('check_own_bucket', { harden });
/** Locks the window with a passphrase from now on; null takes the lock away. */
export const setLock = (passphrase: string, minutes: number | null): Promise<Preferences> =>
  call('set_lock', { passphrase, minutes });
/** Whether there is a lock. */
export const lock = (): Promise<boolean> => call('lock');
export const unlock = (passphrase: string): Promise<void> => call('unlock', { passphrase });
