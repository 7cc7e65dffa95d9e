// Made from src-tauri/src/wire.rs by `cargo test -p darkslide-app`. Do not edit.

/** What went wrong, as far as anybody can act on it. */
export type Code =
  | "usage"
  | "io"
  | "disk_full"
  | "card_gone"
  | "library_away"
  | "no_catalog"
  | "catalog_locked"
  | "catalog_newer"
  | "catalog_damaged"
  | "not_found"
  | "bad_query"
  | "no_vault"
  | "vault_exists"
  | "wrong_key"
  | "bad_words"
  | "no_keyring"
  | "locked"
  | "damaged"
  | "rolled_back"
  | "offline"
  | "forbidden"
  | "no_bucket"
  | "clock_skew"
  | "store"
  | "cancelled"
  | "internal"
  | "no_credentials";

/**
 * `{ code, message, detail }`.
 */
export type WireError = { code: Code, message: string, detail: string | null, };

/**
 * What the window needs before it can show anything.
 */
export type Home = { 
/**
 * Where catalogue and previews lie.
 */
home: string, 
/**
 * The library's folder; null in a home nothing was set up in.
 */
library: string | null, 
/**
 * Where a new library would go.
 */
suggestedLibrary: string, 
/**
 * The bucket that belongs to this home.
 */
bucket: string | null, 
/**
 * Keys for a bucket came with the environment: the window need not ask.
 */
keysGiven: boolean, version: string, 
/**
 * Minutes until the window locks by itself, 0 for never; null without a lock.
 */
lock: number | null, };

/**
 * A bucket as the photographer names it.
 */
export type Bucket = { endpoint: string, region: string, bucket: string, shareBucket: string | null, };

/**
 * The keys to a bucket, typed once and kept in the system's keyring. They cross inwards only.
 */
export type BucketKeys = { accessKey: string, secretKey: string, };

/**
 * A memory card that is plugged in.
 */
export type Card = { path: string, name: string, };

/**
 * What to import, and what to call it.
 */
export type ImportOrder = { source: string, shoot: string | null, client: string | null, 
/**
 * A preset's name.
 */
preset: string | null, 
/**
 * Goes before that of the preset.
 */
template: string | null, };

/**
 * What an import would do.
 */
export type ImportPlan = { 
/**
 * Of the new files, on the card.
 */
newPaths: Array<string>, newFiles: number, alreadyHere: number, bytes: number, skipped: Array<LeftOut>, 
/**
 * Parts of the card that cannot be looked at.
 */
failed: Array<LeftOut>, 
/**
 * Where the first new file would go, below the library.
 */
example: string | null, 
/**
 * The library first, then the mirrors.
 */
room: Array<Room>, fits: boolean, };

/**
 * What a destination needs and has, in bytes.
 */
export type Room = { root: string, needed: number, free: number, };

/**
 * What an import did.
 */
export type ImportReport = { 
/**
 * Stopped before its end: what is counted here was done and verified.
 */
cancelled: boolean, imported: number, alreadyHere: number, skipped: Array<LeftOut>, failed: Array<LeftOut>, 
/**
 * Verified in the library, but not written to a mirror.
 */
mirrorFailed: Array<LeftOut>, bytes: number, seconds: number, readBack: string, safeToFormat: boolean, 
/**
 * Files of the card that lack a second verified copy.
 */
missing: Array<string>, 
/**
 * The card went away in the middle.
 */
cardGone: boolean, };

/**
 * A file that was not taken, and why.
 */
export type LeftOut = { path: string, reason: string, };

/**
 * How far long work is; a total of zero is not known yet.
 */
export type Counts = { filesDone: number, filesTotal: number, bytesDone: number, bytesTotal: number, };

/**
 * One heading of the grid; without year and month stand the photos whose date is not known.
 */
export type Month = { year: number | null, month: number | null, count: number, };

/**
 * One square of the grid.
 */
export type Photo = { id: string, name: string, 
/**
 * `2026-05-16T14:03:22`, local time of the camera.
 */
taken: string | null, kind: PhotoKind, format: string | null, rating: number, label: string | null, flag: PhotoFlag | null, preview: PreviewState, width: number | null, height: number | null, files: number, 
/**
 * A raw file and a picture of one exposure.
 */
pair: boolean, inLibrary: boolean, inBucket: boolean, 
/**
 * Mirrors that have all of it.
 */
mirrors: number, };

export type PhotoKind = "photo" | "raw" | "video" | "audio" | "sidecar" | "other";

/**
 * Whether a photo can be shown.
 */
export type PreviewState = "ready" | "damaged" | "none" | "waiting";

export type Album = { id: string, name: string, photos: number, };

/**
 * What a new link shows and how long it lives.
 */
export type ShareOrder = { 
/**
 * An album's name.
 */
album: string, title: string, message: string | null, endsInSeconds: number, passcode: boolean, watermark: string | null, };

/**
 * A link as it was just made, or is shown again.
 */
export type Link = { id: string, title: string, url: string, passcode: string | null, 
/**
 * RFC 3339.
 */
endsAt: string, items: number, leftOut: Array<LeftOut>, };

/**
 * One line of the list of links.
 */
export type LinkRow = { id: string, title: string, state: LinkState, endsAt: string, items: number, hasPasscode: boolean, 
/**
 * When a revoked link was last proven to be dead.
 */
provenAt: string | null, };

export type LinkState = "unfinished" | "live" | "ended" | "revoked";

/**
 * What came out when a revoked link's addresses were fetched.
 */
export type Revoked = { dead: boolean, checkedAt: string, };

/**
 * What is where.
 */
export type Status = { photos: number, files: number, 
/**
 * Files in a commit of the bucket; null without a bucket.
 */
filesInBucket: number | null, lastCommit: string | null, };

/**
 * What a backup did.
 */
export type BackupReport = { uploaded: number, skipped: number, failed: Array<LeftOut>, bytes: number, seconds: number, };

/**
 * What there is to play of a photo.
 */
export type Film = { mime: string, bytes: number, 
/**
 * Whether it belongs to a still, as a Live Photo's does.
 */
isOfStill: boolean, };

export type PhotoFlag = "pick" | "reject";

/**
 * What was taken back, or done again.
 */
export type Undone = { deed: Deed, photos: Array<string>, };

export type Deed = "rated" | "labelled" | "flagged" | "described" | "keyworded" | "trashed" | "put_back" | "edited" | "album_made" | "album_filled" | "album_taken" | "album_renamed" | "album_trashed";

/**
 * All the info panel shows of one photo.
 */
export type Details = { id: string, name: string, taken: string | null, 
/**
 * `+02:00`.
 */
offset: string | null, format: string | null, make: string | null, model: string | null, lens: string | null, iso: number | null, aperture: number | null, 
/**
 * `1/250`.
 */
shutter: string | null, focalLength: number | null, width: number | null, height: number | null, bytes: number, seconds: number | null, gps: [number, number] | null, title: string | null, caption: string | null, keywords: Array<string>, creator: string | null, copyright: string | null, shoot: string | null, client: string | null, files: Array<DetailFile>, places: Array<CopyPlace>, albums: Array<string>, links: Array<LinkRow>, };

export type DetailFile = { name: string, 
/**
 * Below the library; null where it is not on this computer.
 */
path: string | null, bytes: number, };

/**
 * A place with copies of a photo.
 */
export type CopyPlace = { kind: PlaceKind, 
/**
 * The mirror's folder.
 */
name: string | null, files: number, of: number, 
/**
 * RFC 3339: when it was proven.
 */
proven: string | null, };

export type PlaceKind = "library" | "mirror" | "bucket";

/**
 * Pixels per step of brightness, darkest first.
 */
export type Histogram = { red: Array<number>, green: Array<number>, blue: Array<number>, };

/**
 * New words; null leaves what is there.
 */
export type Words = { title: string | null, caption: string | null, addKeywords: Array<string>, removeKeywords: Array<string>, };

/**
 * What there is to filter by.
 */
export type Facets = { cameras: Array<Facet>, lenses: Array<Facet>, keywords: Array<Facet>, labels: Array<Facet>, years: Array<Facet>, shoots: Array<Facet>, };

export type Facet = { word: string, photos: number, };

/**
 * "Are my photos safe?"
 */
export type Safety = { photos: number, 
/**
 * The fewest places a photo is in.
 */
places: number, nowhere: number, alone: number, all: Array<SafePlace>, shoots: Array<ShootSafety>, shootsSafe: number, lastCommit: string | null, 
/**
 * The last backup did not come to its end: whether it was stopped by hand.
 */
backupPaused: boolean | null, };

export type SafePlace = { kind: PlaceKind, name: string, present: boolean, lacking: number, };

export type ShootSafety = { 
/**
 * Null stands for the photos without a shoot.
 */
name: string | null, photos: number, nowhere: number, alone: number, notInLibrary: number, notInBucket: number, notMirrored: number, places: number, };

/**
 * What copying to the mirrors did.
 */
export type MirrorReport = { copied: number, failed: Array<LeftOut>, };

/**
 * What bringing originals back did.
 */
export type RestoreReport = { restored: number, failed: Array<LeftOut>, };

/**
 * A provider of buckets.
 */
export type Provider = { id: string, name: string, 
/**
 * Its address; `{region}` and `{account}` are to be filled in. Empty: any address.
 */
endpoint: string, regions: Array<Region>, 
/**
 * What the region is usually called; empty where nothing is usual.
 */
usualRegion: string, hint: string, price: Price | null, };

export type Region = { id: string, name: string, };

/**
 * What storing costs, without taxes; a terabyte is 10^12 bytes.
 */
export type Price = { currency: string, perTerabyte: number, least: number, perTerabyteBack: number, note: string, 
/**
 * `2026-05`.
 */
asOf: string, source: string, };

/**
 * What a bucket does, tried out.
 */
export type BucketCheck = { 
/**
 * Whether photos may go there.
 */
usable: boolean, 
/**
 * The store answers and has no such bucket: it could be made.
 */
missing: boolean, findings: Array<Finding>, 
/**
 * Whether something of it can be made safer from here.
 */
canHarden: boolean, };

export type Finding = { mark: Mark, says: string, };

export type Mark = "good" | "note" | "bad" | "unknown";

/**
 * The least rights that do, to be copied.
 */
export type Policy = { how: string, text: string, };

/**
 * All that opens a vault on an empty computer: shown once, printed, and kept nowhere here.
 */
export type Recovery = { vault: string, endpoint: string, region: string, bucket: string, shareBucket: string | null, root: string, words: Array<string>, };

/**
 * A vault to be opened on this computer.
 */
export type Opening = { bucket: Bucket, 
/**
 * As they were typed.
 */
words: string, library: string, };

/**
 * What opening a vault brought.
 */
export type VaultOpened = { photos: number, thumbs: number, 
/**
 * Whether this computer opens it by itself from now on; if not, a passphrase is wanted.
 */
enrolled: boolean, failed: Array<LeftOut>, };

/**
 * What adopting a tree in place did.
 */
export type AdoptReport = { cancelled: boolean, adopted: number, alreadyHere: number, skipped: Array<LeftOut>, failed: Array<LeftOut>, bytes: number, };

/**
 * What is on a card, by names alone.
 */
export type CardContents = { 
/**
 * What its pictures are asked for by.
 */
id: string, frames: Array<CardFrame>, };

/**
 * One exposure of a card.
 */
export type CardFrame = { 
/**
 * Of its leading file, on the card.
 */
path: string, kind: PhotoKind, files: number, 
/**
 * `2026-05-16T14:03:22`, by the file's own date.
 */
written: string, 
/**
 * It came from this card before.
 */
known: boolean, };

/**
 * A card that may be taken out.
 */
export type Ejected = { ejected: string, };

/**
 * Everything the settings show.
 */
export type Preferences = { home: string, library: string, version: string, mirrors: Array<MirrorRow>, watched: Array<WatchedRow>, presets: Array<PresetRow>, previews: PreviewRoom, bucket: BucketRow | null, 
/**
 * Minutes until the window locks by itself, 0 for never; null without a lock.
 */
lock: number | null, };

export type MirrorRow = { path: string, present: boolean, filesLeft: number, bytesLeft: number, };

export type WatchedRow = { path: string, kind: WatchedKind, away: boolean, };

/**
 * What came of the watched folders by itself.
 */
export type Followed = { added: number, 
/**
 * What could not be taken in.
 */
failed: Array<LeftOut>, };

export type WatchedKind = "finished" | "catalogue_backup";

/**
 * A preset, as far as the window knows it; what it does not know stays as it was.
 */
export type PresetRow = { name: string, template: string | null, creator: string | null, copyright: string | null, dayStartsAt: number | null, };

/**
 * What previews take; without a bound, `limit` is null.
 */
export type PreviewRoom = { bytes: number, limit: number | null, };

export type BucketRow = { endpoint: string, region: string, bucket: string, shareBucket: string | null, };
