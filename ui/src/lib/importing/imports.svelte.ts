/** All cards that are in or being imported: a sheet each, one of them in front. */
import { cards, type Card } from '../ipc';
import { Importing } from './importing.svelte';

export class Imports {
  sheets = $state.raw<Importing[]>([]);
  cards = $state.raw<Card[]>([]);
  #front = $state(0);
  /** Cards that were here at the last look. */
  #known = new Set<string>();
  readonly #make: () => Importing;

  constructor(make: () => Importing = () => new Importing()) {
    this.#make = make;
    this.sheets = [make()];
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
  async find(): Promise<boolean> {
    let found: Card[];
    try {
      found = await cards();
    } catch {
      found = [];
    }
    const fresh = found.filter(({ path }) => !this.#known.has(path));
    this.#known = new Set(found.map(({ path }) => path));
    if (JSON.stringify(found) !== JSON.stringify(this.cards)) this.cards = found;
    for (const card of fresh) this.open(card);
    return fresh.length > 0;
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
