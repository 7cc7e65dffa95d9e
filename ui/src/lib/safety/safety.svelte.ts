/** "Are my photos safe?", as this computer knows it, and what makes them so. */
import {
  AppError,
  bringBack,
  copyToMirrors,
  safety,
  type Counts,
  type LeftOut,
  type OnCounts,
  type Safety,
  type Work,
} from '../ipc';

/** Copies that lack are made from others: on the mirrors, or here out of the bucket. */
export type Making = 'mirror' | 'bring';

export class Safe {
  known = $state.raw<Safety | null>(null);
  error = $state.raw<AppError | null>(null);
  making = $state<Making | null>(null);
  counts = $state.raw<Counts | null>(null);
  /** What was made last, and what could not be. */
  made = $state.raw<{ what: Making; failed: LeftOut[] } | null>(null);

  #work: Work<{ failed: LeftOut[] }> | null = null;

  async load(): Promise<void> {
    try {
      this.known = await safety();
      this.error = null;
    } catch (thrown) {
      this.error = AppError.from(thrown);
    }
  }

  /** Brings the mirrors that are there what they lack. */
  async mirror(): Promise<void> {
    await this.#make('mirror', copyToMirrors);
  }

  /** Brings the originals of what a query finds back from the bucket. */
  async bring(query: string): Promise<void> {
    await this.#make('bring', (onCounts) => bringBack(query, onCounts));
  }

  async #make(
    what: Making,
    begin: (onCounts: OnCounts) => Work<{ failed: LeftOut[] }>,
  ): Promise<void> {
    if (this.making !== null) return;
    this.making = what;
    this.counts = null;
    this.made = null;
    let failed: AppError | null = null;
    try {
      this.#work = begin((counts) => (this.counts = counts));
      this.made = { what, failed: (await this.#work.done).failed };
    } catch (thrown) {
      const error = AppError.from(thrown);
      failed = error.code === 'cancelled' ? null : error;
    } finally {
      this.#work = null;
      this.making = null;
    }
    await this.load();
    this.error ??= failed;
  }

  cancel(): void {
    this.#work?.cancel();
  }
}
