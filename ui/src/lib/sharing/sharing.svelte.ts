/** Links: making one, and the ones there are. */
import {
  AppError,
  createAlbum,
  links,
  revokeLink,
  share,
  showLink,
  type Album,
  type Counts,
  type Link,
  type LinkRow,
  type Revoked,
  type Work,
} from '../ipc';
import { usualEnd } from './ends';

/** What is shared: an album, or chosen photos, which become one. */
export type Subject = { album: string; count: number } | { photos: string[] };

/** Making one link, from the choices to the address. */
export class Sharing {
  readonly subject: Subject;
  title = $state('');
  message = $state('');
  endsIn = $state(usualEnd);
  passcode = $state(false);
  watermark = $state('');

  working = $state(false);
  counts = $state.raw<Counts | null>(null);
  link = $state.raw<Link | null>(null);
  error = $state.raw<AppError | null>(null);

  #work: Work<Link> | null = null;
  /** The album made from the selection; a second try uses it again. */
  #made: string | null = null;
  readonly #taken: ReadonlySet<string>;

  constructor(subject: Subject, albums: readonly Album[]) {
    this.subject = subject;
    this.#taken = new Set(albums.map((album) => album.name.toLowerCase()));
    if ('album' in subject) this.title = subject.album;
  }

  get photos(): number {
    return 'album' in this.subject ? this.subject.count : this.subject.photos.length;
  }

  get ready(): boolean {
    return this.title.trim() !== '' && this.photos > 0 && !this.working;
  }

  /** The link once more, from the list. */
  static async shown(id: string): Promise<Sharing> {
    const link = await showLink(id);
    const sharing = new Sharing({ photos: [] }, []);
    sharing.link = link;
    return sharing;
  }

  async make(): Promise<void> {
    if (!this.ready) return;
    this.working = true;
    this.error = null;
    this.counts = null;
    try {
      const album = await this.#album();
      this.#work = share(
        {
          album,
          title: this.title.trim(),
          message: this.message.trim() || null,
          endsInSeconds: this.endsIn,
          passcode: this.passcode,
          watermark: this.watermark.trim() || null,
        },
        (counts) => (this.counts = counts),
      );
      this.link = await this.#work.done;
    } catch (thrown) {
      const error = AppError.from(thrown);
      this.error = error.code === 'cancelled' ? null : error;
    } finally {
      this.#work = null;
      this.working = false;
    }
  }

  cancel(): void {
    this.#work?.cancel();
  }

  async #album(): Promise<string> {
    if ('album' in this.subject) return this.subject.album;
    if (this.#made === null) {
      const name = this.#free(this.title.trim());
      await createAlbum(name, this.subject.photos);
      this.#made = name;
    }
    return this.#made;
  }

  /** `Best`, or `Best 2` where an album has that name. */
  #free(title: string): string {
    let name = title;
    for (let n = 2; this.#taken.has(name.toLowerCase()); n += 1) name = `${title} ${n}`;
    return name;
  }
}

/** The links that were given out. */
export class Links {
  rows = $state.raw<LinkRow[] | null>(null);
  error = $state.raw<AppError | null>(null);
  /** Proofs of the links revoked in this window. */
  proofs = $state.raw<Record<string, Revoked>>({});
  revoking = $state<string | null>(null);

  get live(): number {
    return this.rows?.filter((row) => row.state === 'live').length ?? 0;
  }

  async load(): Promise<void> {
    try {
      this.rows = await links();
      this.error = null;
    } catch (thrown) {
      const error = AppError.from(thrown);
      // Without a bucket there are no links: that is no fault.
      if (error.code === 'no_vault') this.rows = [];
      else this.error = error;
    }
  }

  /** Something about the list went wrong elsewhere. */
  readonly fail = (thrown: unknown): void => {
    this.error = AppError.from(thrown);
  };

  /** Deletes what the link shows and keeps the proof that it is dead. */
  async revoke(id: string): Promise<void> {
    this.revoking = id;
    this.error = null;
    try {
      const proof = await revokeLink(id);
      this.proofs = { ...this.proofs, [id]: proof };
      await this.load();
    } catch (thrown) {
      const error = AppError.from(thrown);
      // What was done until then is in the list: deleted, perhaps, and not proven.
      await this.load();
      this.error = error;
    } finally {
      this.revoking = null;
    }
  }
}
