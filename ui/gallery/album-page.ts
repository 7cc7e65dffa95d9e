/** The album: title, message, how long it stays, the grid, and the viewer over it. */
import type { Album } from './album';
import type { Bytes } from './bytes';
import { element, icon } from './dom';
import { storeNow } from './fetching';
import { Grid } from './grid';
import { Pictures } from './pictures';
import { handOver } from './save';
import { Viewer } from './viewer';
import { moment, remaining, type Speech } from './words';

/** Pictures kept although nobody shows them: a few screens of small ones, a few large ones. */
const IDLE_THUMBS = 150;
const IDLE_VIEWS = 6;

export interface Source {
  /** Fetches and decrypts an item. */
  readonly load: (
    item: number,
    signal?: AbortSignal,
    heard?: (bytes: number) => void,
  ) => Promise<Bytes>;
  /** The end has come while the page was open. */
  readonly ended: () => void;
}

export class AlbumPage {
  readonly node: HTMLElement;
  readonly #grid: Grid;
  readonly #thumbs: Pictures;
  readonly #views: Pictures;
  readonly #when = element('time');
  readonly #left = element('span', { class: 'left' });
  #tick = 0;

  constructor(
    private readonly album: Album,
    private readonly source: Source,
    private readonly speech: Speech,
  ) {
    const { words } = speech;
    const load = (item: number, signal: AbortSignal): Promise<Bytes> => source.load(item, signal);
    this.#thumbs = new Pictures(load, IDLE_THUMBS);
    this.#views = new Pictures(load, IDLE_VIEWS);
    const viewer = new Viewer(album, this.#thumbs, this.#views, words, {
      closed: (index) => this.#grid.focus(index),
      save: (index, heard) => this.#save(index, heard),
    });
    this.#grid = new Grid(album.photos, this.#thumbs, words, (index) => viewer.open(index));

    const facts = element('p', { class: 'facts' });
    facts.append(element('span', { text: words.photos(album.photos.length) }));
    if (album.studio !== undefined)
      facts.append(element('span', { text: words.from(album.studio) }));
    facts.append(element('span', { class: 'end' }, icon('clock'), this.#when), this.#left);
    const head = element(
      'header',
      {},
      element('h1', { text: album.title, attributes: { tabindex: '-1' } }),
    );
    if (album.message !== undefined)
      head.append(element('p', { class: 'message', text: album.message }));
    head.append(facts);

    const main = element('main', {}, this.#grid.node);
    if (album.photos.length === 0)
      main.append(element('p', { class: 'message', text: words.emptyText }));
    const foot = element('footer', {}, icon('slide'), element('p', { text: words.foot }));
    this.node = element('div', { class: 'album' }, head, main, foot, viewer.node);
  }

  /** Begins to load and to count down; call once the page is shown. */
  start(): void {
    this.#grid.start();
    this.#countDown();
  }

  /** Releases every picture. */
  stop(): void {
    clearTimeout(this.#tick);
    this.#thumbs.clear();
    this.#views.clear();
  }

  #countDown(): void {
    const { tag, words } = this.speech;
    const now = storeNow();
    const left = this.album.end - now;
    if (left <= 0) {
      this.source.ended();
      return;
    }
    this.#when.dateTime = new Date(this.album.end).toISOString();
    this.#when.textContent = words.ends(moment(this.album.end, now, tag));
    this.#left.textContent = words.left(remaining(left, words));
    this.#left.classList.toggle('soon', left < 3_600_000);
    const pause = left < 120_000 ? 1000 - (now % 1000) : 20_000;
    this.#tick = window.setTimeout(() => this.#countDown(), Math.min(pause, left));
  }

  async #save(index: number, heard: (part: number) => void): Promise<void> {
    const photo = this.album.photos[index];
    if (!photo) return;
    const item = photo.full ?? photo.view;
    const held = this.#views.blob(item);
    const length = this.album.items[item]?.length ?? 1;
    const bytes = held
      ? new Uint8Array(await held.arrayBuffer())
      : await this.source.load(item, undefined, (got) => heard(Math.min(1, got / length)));
    await handOver(bytes, photo.name);
  }
}
