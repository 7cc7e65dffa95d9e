/** "Are my photos safe?", as this computer knows it. */
import {
  AppError,
  copyToMirrors,
  safety,
  type Counts,
  type MirrorReport,
  type Safety,
  type Work,
} from '../ipc';

export class Safe {
  known = $state.raw<Safety | null>(null);
  error = $state.raw<AppError | null>(null);
  copying = $state(false);
  counts = $state.raw<Counts | null>(null);
  mirrored = $state.raw<MirrorReport | null>(null);

  #work: Work<MirrorReport> | null = null;

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
    if (this.copying) return;
    this.copying = true;
    this.counts = null;
    try {
      this.#work = copyToMirrors((counts) => (this.counts = counts));
      this.mirrored = await this.#work.done;
      this.error = null;
    } catch (thrown) {
      const error = AppError.from(thrown);
      this.error = error.code === 'cancelled' ? null : error;
    } finally {
      this.#work = null;
      this.copying = false;
    }
    await this.load();
  }

  cancel(): void {
    this.#work?.cancel();
  }
}
