/** The settings: each change is kept at once and answered with how things are then. */
import {
  addMirror,
  AppError,
  checkOwnBucket,
  keepPreset,
  limitPreviews,
  preferences,
  removeMirror,
  removePreset,
  setLock,
  syncMirrors,
  unwatchFolder,
  watchFolder,
  type BucketCheck,
  type Counts,
  type LeftOut,
  type Preferences,
  type PresetRow,
  type WatchedKind,
  type Work,
} from '../ipc';

/** What an error belongs to. */
export type Part = 'mirrors' | 'watched' | 'presets' | 'previews' | 'bucket' | 'lock' | 'all';

export class Settings {
  now = $state.raw<Preferences | null>(null);
  error = $state.raw<{ part: Part; error: AppError } | null>(null);
  busy = $state<Part | null>(null);
  check = $state.raw<BucketCheck | null>(null);
  counts = $state.raw<Counts | null>(null);
  /** What could not be copied to a mirror. */
  failed = $state.raw<LeftOut[]>([]);

  #work: Work<LeftOut[]> | null = null;

  load(): Promise<boolean> {
    return this.#change('all', preferences);
  }

  addMirror(path: string): Promise<boolean> {
    return this.#change('mirrors', () => addMirror(path));
  }

  removeMirror(path: string): Promise<boolean> {
    return this.#change('mirrors', () => removeMirror(path));
  }

  syncMirrors(): Promise<boolean> {
    return this.#change('mirrors', async () => {
      this.#work = syncMirrors((counts) => (this.counts = counts));
      try {
        this.failed = await this.#work.done;
      } finally {
        this.#work = null;
        this.counts = null;
      }
      return preferences();
    });
  }

  stop(): void {
    this.#work?.cancel();
  }

  watch(path: string, kind: WatchedKind): Promise<boolean> {
    return this.#change('watched', () => watchFolder(path, kind));
  }

  unwatch(path: string): Promise<boolean> {
    return this.#change('watched', () => unwatchFolder(path));
  }

  keepPreset(preset: PresetRow): Promise<boolean> {
    return this.#change('presets', () => keepPreset(preset));
  }

  removePreset(name: string): Promise<boolean> {
    return this.#change('presets', () => removePreset(name));
  }

  /** In gigabytes; null for no bound. */
  limitPreviews(gigabytes: number | null): Promise<boolean> {
    const bytes = gigabytes === null ? null : Math.round(gigabytes * 1e9);
    return this.#change('previews', () => limitPreviews(bytes));
  }

  setLock(passphrase: string, minutes: number | null): Promise<boolean> {
    return this.#change('lock', () => setLock(passphrase, minutes));
  }

  async look(harden = false): Promise<void> {
    await this.#change('bucket', async () => {
      this.check = await checkOwnBucket(harden);
      return this.now;
    });
  }

  /** The error of a part, if the last one was there. */
  errorOf(part: Part): AppError | null {
    return this.error?.part === part ? this.error.error : null;
  }

  async #change(part: Part, work: () => Promise<Preferences | null>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = part;
    this.error = null;
    try {
      this.now = await work();
      return true;
    } catch (thrown) {
      const error = AppError.from(thrown);
      this.error = error.code === 'cancelled' ? null : { part, error };
      return false;
    } finally {
      this.busy = null;
    }
  }
}
