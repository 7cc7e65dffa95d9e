/** What is known of the photo the keyboard is at. */
import {
  AppError,
  describe,
  details,
  histogram,
  type Details as Known,
  type Histogram,
  type Words,
} from '../ipc';

/** Stepping through photos asks for the one that is stayed at. */
const PATIENCE = 90;

export class Details {
  known = $state.raw<Known | null>(null);
  histogram = $state.raw<Histogram | null>(null);
  error = $state.raw<AppError | null>(null);

  #wanted: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Looks at this photo; `stamp` changes when something of it did. */
  want(photo: string | null): void {
    clearTimeout(this.#timer);
    this.#wanted = photo;
    if (photo === null) {
      this.known = null;
      this.histogram = null;
      return;
    }
    this.#timer = setTimeout(() => void this.load(photo), PATIENCE);
  }

  async load(photo: string): Promise<void> {
    try {
      const known = await details(photo);
      if (this.#wanted !== photo) return;
      if (this.known?.id !== photo) this.histogram = null;
      this.known = known;
      this.error = null;
    } catch (thrown) {
      if (this.#wanted === photo) this.error = AppError.from(thrown);
      return;
    }
    try {
      const found = this.histogram ?? (await histogram(photo));
      if (this.#wanted === photo) this.histogram = found;
    } catch {
      // A file that cannot be shown has no curve.
      if (this.#wanted === photo) this.histogram = null;
    }
  }

  /** Writes words to photos; the one that is seen is read anew. */
  async write(photos: string[], words: Partial<Words>): Promise<boolean> {
    const none: Words = { title: null, caption: null, addKeywords: [], removeKeywords: [] };
    try {
      await describe(photos, { ...none, ...words });
      if (this.#wanted !== null) await this.load(this.#wanted);
      return true;
    } catch (thrown) {
      this.error = AppError.from(thrown);
      return false;
    }
  }
}
