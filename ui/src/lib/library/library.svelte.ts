/** The photos that are looked at: month counts first, rows when they come into view. */
import { SvelteMap, SvelteSet } from 'svelte/reactivity';

import {
  AppError,
  findPhotos,
  flag,
  label,
  months,
  photos,
  placeOfPhoto,
  rate,
  redo,
  trash,
  undo,
  type Month,
  type Photo,
  type PhotoFlag,
} from '../ipc';
import { keep, kept } from '../common/kept';
import { deedWords } from './deeds';
import { termText } from './terms';
import { words } from '../words';

const PAGE = 120;
/** Pages kept; the ones longest unseen go first. */
const KEEP = 40;

/** Orders of the grid; the first has months for headings. */
export const SORTS = words.library.sorts;
export type Sort = keyof typeof SORTS;

/** What is looked at. */
export interface Look {
  /** Typed and chosen, in the catalogue's own language. */
  filter?: string;
  album?: string | null;
  trash?: boolean;
  sort?: Sort;
}

export class Library {
  filter = $state('');
  /** Only photos of this album. */
  album = $state<string | null>(null);
  /** The photos in the trash, in place of all others. */
  trash = $state(false);
  sort = $state<Sort>('-captured_at');

  months = $state.raw<Month[]>([]);
  error = $state.raw<AppError | null>(null);
  loading = $state(true);
  /** What was just done, for a moment. */
  said = $state.raw<{ text: string; undo: boolean } | null>(null);

  /** Changes that are shown and not in the catalogue yet. */
  saving = $state(0);

  /** Counts the looks at something else, as their photos arrive: each begins at the top. */
  looks = $state(0);
  /** The photo the keyboard is at. */
  cursor = $state(0);
  readonly selected = new SvelteSet<string>();
  /** Whether stars, labels and flags go on to the next photo. */
  advance = $state(kept('advance', true));

  readonly total = $derived(this.months.reduce((n, month) => n + month.count, 0));

  #pages = new SvelteMap<number, Photo[]>();
  #asked = new Set<number>();
  #anchor = 0;
  /** Something else is looked at, and its photos are not here yet. */
  #elsewhere = false;
  /** The rows that were asked for last. */
  #wanted = { first: 0, last: 0 };
  /** Answers to an older question are thrown away. */
  #question = 0;
  /** The query the months and rows belong to; a query that failed never becomes it. */
  #shown = '';
  #shownSort: Sort = '-captured_at';
  /** Counts what is shown: rows asked for before belong to what was shown then. */
  #epoch = 0;

  /** The question in the catalogue's own language. */
  get query(): string {
    const terms = [this.filter.trim()];
    if (this.trash) terms.push('status:trash');
    if (this.album !== null) terms.push(termText('album', this.album));
    return terms.filter((term) => term !== '').join(' ');
  }

  /** The heading of a list that has no months. */
  get heading(): string | null {
    return this.#shownSort.endsWith('captured_at') ? null : SORTS[this.#shownSort];
  }

  /** Asks anew: after a change of the question, or of the catalogue. */
  async load(): Promise<void> {
    const question = ++this.#question;
    const { query, sort } = this;
    const under = this.#elsewhere ? undefined : this.at(this.cursor)?.id;
    const other = query !== this.#shown || sort !== this.#shownSort || this.#pages.size === 0;
    this.loading = true;
    try {
      // Something else is looked at from its top: those rows are asked for along with the months.
      const [found, top] = await Promise.all([
        months(query),
        other ? pageOf(query, sort, 0) : null,
      ]);
      if (question !== this.#question) return;
      const moved = other || under === undefined ? null : await this.#whereIs(under, found);
      if (question !== this.#question) return;
      // The same question again: what is shown stays until the new rows are there.
      if (other || moved) this.#pages.clear();
      this.#shown = query;
      this.#shownSort = sort;
      this.#epoch += 1;
      this.#asked.clear();
      if (top !== null) {
        this.#asked.add(0);
        this.#pages.set(0, top);
      }
      for (const [page, rows] of moved?.pages ?? []) {
        this.#asked.add(page);
        this.#pages.set(page, rows);
      }
      if (moved) this.cursor = moved.index;
      this.months = sorted(found, sort);
      this.error = null;
      if (this.#elsewhere) {
        this.#elsewhere = false;
        this.#anchor = 0;
        this.cursor = 0;
        this.looks += 1;
      }
      this.cursor = Math.min(this.cursor, Math.max(0, this.total - 1));
    } catch (thrown) {
      if (question === this.#question) this.error = AppError.from(thrown);
    } finally {
      if (question === this.#question) this.loading = false;
    }
  }

  /**
   * Photos came or went: where the one at the cursor stands now, with the rows around it and those
   * in view. A key that is pressed next is meant for it, not for what took its place. Null where
   * nothing came or went.
   */
  async #whereIs(
    id: string,
    found: readonly Month[],
  ): Promise<{ index: number; pages: Map<number, Photo[]> } | null> {
    const total = found.reduce((n, month) => n + month.count, 0);
    if (total === this.total || total === 0) return null;
    const place = await placeOf(this.#shown, this.#shownSort, id);
    // Gone: the next one is in its place.
    const index = place ?? Math.min(this.cursor, total - 1);
    const wanted = new Set([Math.floor(index / PAGE)]);
    const last = Math.min(this.#wanted.last, total - 1);
    for (let page = Math.floor(this.#wanted.first / PAGE); page * PAGE <= last; page += 1)
      wanted.add(page);
    const rows = [...wanted].map(async (page): Promise<[number, Photo[]]> => [
      page,
      await pageOf(this.#shown, this.#shownSort, page),
    ]);
    return { index, pages: new Map(await Promise.all(rows)) };
  }

  /** Looks at something else from its beginning; what was seen stays in its place until then. */
  async show(look: Look): Promise<void> {
    if (look.filter !== undefined) this.filter = look.filter;
    if (look.album !== undefined) this.album = look.album;
    if (look.trash !== undefined) this.trash = look.trash;
    if (look.sort !== undefined) this.sort = look.sort;
    this.#elsewhere = true;
    this.selected.clear();
    await this.load();
  }

  at(index: number): Photo | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Where the first photo is that fits, of those whose rows are here. */
  placeWhere(fits: (photo: Photo) => boolean): number | null {
    for (const [page, rows] of this.#pages) {
      const at = rows.findIndex(fits);
      if (at >= 0) return page * PAGE + at;
    }
    return null;
  }

  /** Where this photo is now, whether its row is here or not; null where it is gone. */
  async placeNow(id: string): Promise<number | null> {
    try {
      const here = this.placeWhere((photo) => photo.id === id);
      return here ?? (await placeOf(this.#shown, this.#shownSort, id));
    } catch (thrown) {
      this.error = AppError.from(thrown);
      return null;
    }
  }

  /** Makes sure that these rows are here or on their way. */
  want(first: number, last: number): void {
    this.#wanted = { first: Math.max(0, first), last };
    for (let page = Math.max(0, Math.floor(first / PAGE)); page * PAGE <= last; page += 1) {
      if (page * PAGE < this.total) void this.#fetch(page);
    }
  }

  async #fetch(page: number): Promise<void> {
    if (this.#asked.has(page)) return;
    this.#asked.add(page);
    const epoch = this.#epoch;
    try {
      const found = await pageOf(this.#shown, this.#shownSort, page);
      if (epoch !== this.#epoch) return;
      this.#pages.set(page, found);
      this.#forget(page);
    } catch (thrown) {
      if (epoch !== this.#epoch) return;
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
    const epoch = this.#epoch;
    try {
      const ids = await findPhotos(this.#shown);
      if (epoch !== this.#epoch || this.#elsewhere) return;
      this.selected.clear();
      for (const id of ids) this.selected.add(id);
    } catch (thrown) {
      this.error = AppError.from(thrown);
    }
  }

  clear(): void {
    this.selected.clear();
  }

  async #selectRange(first: number, last: number): Promise<void> {
    const epoch = this.#epoch;
    const pages = new Map<number, Photo[]>();
    for (let page = Math.floor(first / PAGE); page * PAGE <= last; page += 1) {
      const found = this.#pages.get(page) ?? (await pageOf(this.#shown, this.#shownSort, page));
      if (epoch !== this.#epoch || this.#elsewhere) return;
      pages.set(page, found);
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
    await this.#change(ids, { rating }, () => rate(ids, rating));
  }

  /** Gives a label, or takes it away where all of them have it. */
  async label(wanted: string, ids = this.chosen()): Promise<void> {
    const rows = this.#rowsOf(ids);
    // Of photos that were not seen nobody knows: they get it.
    const all = rows.length === ids.length && rows.every((row) => row.label === wanted);
    const given = all ? null : wanted;
    await this.#change(ids, { label: given }, () => label(ids, given));
  }

  async flag(wanted: PhotoFlag | null, ids = this.chosen()): Promise<void> {
    await this.#change(ids, { flag: wanted }, () => flag(ids, wanted));
  }

  /** Into the trash, or back out of it; they leave what is looked at. */
  async discard(into: boolean, ids = this.chosen()): Promise<void> {
    if (ids.length === 0) return;
    try {
      await trash(ids, into);
      this.selected.clear();
      this.say(
        into ? words.library.discarded(ids.length) : words.library.returned(ids.length),
        true,
      );
      await this.load();
    } catch (thrown) {
      this.error = AppError.from(thrown);
    }
  }

  /** Takes back what was done last, or does it again. */
  async undo(again = false): Promise<void> {
    try {
      const undone = await (again ? redo() : undo());
      if (undone) this.say(deedWords(undone, again), again);
      else this.say(again ? words.library.nothingToRedo : words.library.nothingToUndo, false);
      if (undone) await this.load();
    } catch (thrown) {
      this.error = AppError.from(thrown);
    }
  }

  say(text: string, canUndo: boolean): void {
    this.said = { text, undo: canUndo };
  }

  setAdvance(on: boolean): void {
    this.advance = on;
    keep('advance', on);
    this.say(on ? words.library.goesOn : words.library.stays, false);
  }

  #rowsOf(ids: readonly string[]): Photo[] {
    const wanted = new Set(ids);
    return [...this.#pages.values()].flat().filter((row) => wanted.has(row.id));
  }

  async #change(ids: string[], to: Partial<Photo>, send: () => Promise<void>): Promise<void> {
    if (ids.length === 0) return;
    const before = this.#put(new Map(ids.map((id) => [id, to])));
    this.saving += 1;
    try {
      await send();
      this.error = null;
    } catch (thrown) {
      this.#put(before);
      this.error = AppError.from(thrown);
    } finally {
      this.saving -= 1;
    }
  }

  /** Shows these values; returns the ones they replaced. */
  #put(changes: ReadonlyMap<string, Partial<Photo>>): Map<string, Partial<Photo>> {
    const before = new Map<string, Partial<Photo>>();
    for (const [page, rows] of this.#pages) {
      if (!rows.some((row) => changes.has(row.id))) continue;
      const changed = rows.map((row) => {
        const change = changes.get(row.id);
        if (change === undefined) return row;
        before.set(row.id, { rating: row.rating, label: row.label, flag: row.flag });
        return { ...row, ...change };
      });
      this.#pages.set(page, changed);
    }
    return before;
  }
}

/** One page of what a query finds. */
function pageOf(query: string, sort: Sort, page: number): Promise<Photo[]> {
  return photos(query, page * PAGE, PAGE, sort === '-captured_at' ? null : sort);
}

/** Where a photo stands among what a query finds. */
function placeOf(query: string, sort: Sort, id: string): Promise<number | null> {
  return placeOfPhoto(query, sort === '-captured_at' ? null : sort, id);
}

/** The headings of this order: months, either way round, or one for all. */
function sorted(found: Month[], sort: Sort): Month[] {
  if (sort === '-captured_at') return found;
  if (sort !== 'captured_at') {
    const count = found.reduce((n, month) => n + month.count, 0);
    return count > 0 ? [{ year: null, month: null, count }] : [];
  }
  // Those without a date are last either way.
  const dated = found.filter((month) => month.year !== null).reverse();
  return [...dated, ...found.filter((month) => month.year === null)];
}
