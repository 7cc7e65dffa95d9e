/** All cards that are in or being imported: a sheet each, one of them in front. */
import { cards, importsCutOff, nextCards, type Card, type ImportOrder } from '../ipc';
import { Importing } from './importing.svelte';

/** So many milliseconds until the next look where the shell does not answer. */
const REST = 2000;

export class Imports {
  sheets = $state.raw<Importing[]>([]);
  cards = $state.raw<Card[]>([]);
  #front = $state(0);
  /** Cards that were here at the last look. */
  #known = new Set<string>();
  #asked = false;
  readonly #make: () => Importing;

  constructor(make: () => Importing = () => new Importing()) {
    this.#make = make;
    this.sheets = [make()];
  }

  /** How many imports ended. */
  get ended(): number {
    return this.sheets.reduce((n, sheet) => n + sheet.ended, 0);
  }

  get front(): Importing {
    const sheet = this.sheets[this.#front] ?? this.sheets[0];
    if (!sheet) throw new Error('there is always a sheet');
    return sheet;
  }

  /** What the status line tells of: work that runs before work that waits. */
  get busy(): Importing {
    return this.sheets.find((sheet) => sheet.busy) ?? this.front;
  }

  show(sheet: Importing): void {
    this.#front = Math.max(0, this.sheets.indexOf(sheet));
  }

  /**
   * Looks which cards are in; a new one gets its sheet. Whether there was one. A system that cannot
   * say leaves the folder to be chosen.
   */
  async find(look: () => Promise<Card[]> = cards): Promise<boolean> {
    let found: Card[];
    try {
      found = await look();
    } catch {
      // Or the window is locked: then the cards that were here still are.
      await new Promise((go) => setTimeout(go, REST));
      return false;
    }
    const fresh = found.filter(({ path }) => !this.#known.has(path));
    this.#known = new Set(found.map(({ path }) => path));
    if (JSON.stringify(found) !== JSON.stringify(this.cards)) this.cards = found;
    const cutOff = fresh.length > 0 || !this.#asked ? await this.#cutOff() : [];
    const goesOn = new Set(cutOff.map(({ source }) => source));
    for (const order of cutOff) void this.#goOn(order);
    const open = fresh.filter(({ path }) => !goesOn.has(path));
    for (const card of open) this.open(card);
    return open.length > 0;
  }

  /** What was cut off when the program ended; not knowing it is no reason not to begin. */
  async #cutOff(): Promise<ImportOrder[]> {
    this.#asked = true;
    try {
      return await importsCutOff();
    } catch {
      return [];
    }
  }

  /** Goes on with an import as it was ordered. Nobody is asked again, and nothing comes to the front. */
  async #goOn(order: ImportOrder): Promise<void> {
    const sheet = this.#free();
    sheet.card = this.cards.find(({ path }) => path === order.source) ?? null;
    if (await sheet.resume(order)) await sheet.start();
  }

  /** Sees every card that is put in until `stopped` says otherwise. */
  async follow(appeared: () => void, stopped: () => boolean): Promise<void> {
    for (let look = cards; !stopped(); look = nextCards) {
      if ((await this.find(look)) && !stopped()) appeared();
    }
  }

  /** After a backup: the names of the cards that may be let go now. */
  async judge(): Promise<string[]> {
    const safe: string[] = [];
    for (const sheet of this.sheets)
      if (await sheet.judge()) safe.push(sheet.card?.name ?? sheet.source);
    return safe;
  }

  /** The sheet of a card, made where there is none. */
  open(card: Card): void {
    const there = this.sheets.find(
      (sheet) => sheet.source === card.path && sheet.stage !== 'done' && sheet.stage !== 'choosing',
    );
    if (there) {
      this.show(there);
      return;
    }
    const sheet = this.#free();
    sheet.card = card;
    this.show(sheet);
    void sheet.look(card.path);
  }

  /** Any folder. */
  async look(folder: string): Promise<void> {
    const sheet = this.#free();
    sheet.card = this.cards.find(({ path }) => path === folder.trim()) ?? null;
    this.show(sheet);
    await sheet.look(folder);
  }

  /** A sheet to choose from, in front. */
  another(): void {
    const sheet = this.#free();
    sheet.again();
    this.show(sheet);
  }

  /** Puts a finished sheet away. */
  close(sheet: Importing): void {
    const front = this.front;
    const rest = this.sheets.filter((other) => other !== sheet);
    this.sheets = rest.length > 0 ? rest : [this.#make()];
    this.show(front);
  }

  #free(): Importing {
    const free = [this.front, ...this.sheets].find(
      (sheet) => !sheet.busy && (sheet.stage === 'choosing' || sheet.stage === 'done'),
    );
    if (free) return free;
    const made = this.#make();
    this.sheets = [...this.sheets, made];
    return made;
  }
}
