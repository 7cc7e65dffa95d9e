/** The photos that are looked at: month counts first, rows when they come into view. */
import { SvelteMap, SvelteSet } from 'svelte/reactivity';

import { AppError, months, photos, rate, type Month, type Photo } from '../ipc';

const PAGE = 120;
/** Pages kept; the ones longest unseen go first. */
const KEEP = 40;

export class Library {
  /** What was typed into the search. */
  words = $state('');
  /** Only photos with at least so many stars. */
  atLeast = $state(0);
  /** Only photos of this album. */
  album = $state<string | null>(null);

  months = $state.raw<Month[]>([]);
  error = $state.raw<AppError | null>(null);
  loading = $state(true);

  /** The photo the keyboard is at. */
  cursor = $state(0);
  readonly selected = new SvelteSet<string>();

  readonly total = $derived(this.months.reduce((n, month) => n + month.count, 0));

  #pages = new SvelteMap<number, Photo[]>();
  #asked = new Set<number>();
  #anchor = 0;
  /** Answers to an older question are thrown away. */
  #question = 0;
  /** The query the months and rows belong to; a query that failed never becomes it. */
  #shown = '';

  /** The question in the catalogue's own language. */
  get query(): string {
    const terms = [this.words.trim()];
    if (this.album !== null) terms.push(`album:"${this.album.replaceAll('"', '')}"`);
    if (this.atLeast > 0) terms.push(`rating>=${this.atLeast}`);
    return terms.filter((term) => term !== '').join(' ');
  }

  /** Asks anew: after a change of the question, or of the catalogue. */
  async load(): Promise<void> {
    const question = ++this.#question;
    const { query } = this;
    this.loading = true;
    try {
      const found = await months(query);
      if (question !== this.#question) return;
      this.#shown = query;
      this.#pages.clear();
      this.#asked.clear();
      this.months = found;
      this.error = null;
      this.cursor = Math.min(this.cursor, Math.max(0, this.total - 1));
    } catch (thrown) {
      if (question === this.#question) this.error = AppError.from(thrown);
    } finally {
      if (question === this.#question) this.loading = false;
    }
  }

  /** Looks at something else from its beginning. */
  async show(look: { words?: string; atLeast?: number; album?: string | null }): Promise<void> {
    if (look.words !== undefined) this.words = look.words;
    if (look.atLeast !== undefined) this.atLeast = look.atLeast;
    if (look.album !== undefined) this.album = look.album;
    this.cursor = 0;
    this.selected.clear();
    await this.load();
  }

  at(index: number): Photo | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Makes sure that these rows are here or on their way. */
  want(first: number, last: number): void {
    for (let page = Math.floor(first / PAGE); page * PAGE <= last; page += 1) {
      if (page * PAGE < this.total) void this.#fetch(page);
    }
  }

  async #fetch(page: number): Promise<void> {
    if (this.#asked.has(page)) return;
    this.#asked.add(page);
    const question = this.#question;
    try {
      const rows = await photos(this.#shown, page * PAGE, PAGE);
      if (question !== this.#question) return;
      this.#pages.set(page, rows);
      this.#forget(page);
    } catch (thrown) {
      if (question !== this.#question) return;
      this.#asked.delete(page);
      this.error = AppError.from(thrown);
    }
  }

  #forget(newest: number): void {
    for (const page of [...this.#pages.keys()]) {
      if (this.#pages.size <= KEEP) break;
      if (Math.abs(page - newest) <= KEEP / 4) continue;
      this.#pages.delete(page);
      this.#asked.delete(page);
    }
  }

  /** Puts the cursor on a photo and selects it: alone, in addition, or all since the last one. */
  async pick(index: number, how: 'only' | 'toggle' | 'range' = 'only'): Promise<void> {
    this.cursor = index;
    if (how === 'range') {
      await this.#selectRange(Math.min(this.#anchor, index), Math.max(this.#anchor, index));
      return;
    }
    this.#anchor = index;
    const id = this.at(index)?.id;
    if (id === undefined) return;
    if (how === 'toggle') {
      if (!this.selected.delete(id)) this.selected.add(id);
    } else {
      this.selected.clear();
      this.selected.add(id);
    }
  }

  async pickAll(): Promise<void> {
    if (this.total > 0) await this.#selectRange(0, this.total - 1);
  }

  clear(): void {
    this.selected.clear();
  }

  async #selectRange(first: number, last: number): Promise<void> {
    const question = this.#question;
    const pages = new Map<number, Photo[]>();
    for (let page = Math.floor(first / PAGE); page * PAGE <= last; page += 1) {
      const rows = this.#pages.get(page) ?? (await photos(this.#shown, page * PAGE, PAGE));
      if (question !== this.#question) return;
      pages.set(page, rows);
    }
    this.selected.clear();
    for (let index = first; index <= last; index += 1) {
      const photo = pages.get(Math.floor(index / PAGE))?.[index % PAGE];
      if (photo) this.selected.add(photo.id);
    }
  }

  /** The photos an order is about: the selection, or else the one at the cursor. */
  chosen(): string[] {
    if (this.selected.size > 0) return [...this.selected];
    const id = this.at(this.cursor)?.id;
    return id === undefined ? [] : [id];
  }

  /** Gives stars. They are shown at once and taken back where the catalogue refuses. */
  async rate(rating: number, ids = this.chosen()): Promise<void> {
    if (ids.length === 0) return;
    const before = this.#star(new Map(ids.map((id) => [id, rating])));
    try {
      await rate(ids, rating);
      this.error = null;
    } catch (thrown) {
      this.#star(before);
      this.error = AppError.from(thrown);
    }
  }

  /** Shows these ratings; returns the ones they replaced. */
  #star(ratings: ReadonlyMap<string, number>): Map<string, number> {
    const before = new Map<string, number>();
    for (const [page, rows] of this.#pages) {
      if (!rows.some((row) => ratings.has(row.id))) continue;
      const changed = rows.map((row) => {
        const rating = ratings.get(row.id);
        if (rating === undefined) return row;
        before.set(row.id, row.rating);
        return { ...row, rating };
      });
      this.#pages.set(page, changed);
    }
    return before;
  }
}
