/**
 * The album as rows of pictures.
 *
 * Every tile stands in the page from the start, at its final place, so that nothing jumps, find-in-page
 * and screen readers see the whole album, and scrolling costs nothing. Pictures come when their tile
 * comes near the window, those in it first, and go when it is far away.
 */
import type { Photo } from './album';
import { element, icon } from './dom';
import { justify, neighbour, rowHeight, type Box } from './layout';
import type { Pictures } from './pictures';
import { Dropped } from './queue';
import type { Words } from './words';

/** How far beyond the window pictures are fetched, and kept. */
const NEAR = '120% 0px';
const FAR = '300% 0px';

interface Tile {
  readonly photo: Photo;
  readonly button: HTMLButtonElement;
  readonly image: HTMLImageElement;
  state: 'empty' | 'coming' | 'shown' | 'failed';
  /** Counts the times it was asked for; an answer to an older one is nobody's. */
  turn: number;
}

export class Grid {
  readonly #list: HTMLUListElement;
  readonly #tiles: readonly Tile[];
  readonly #at = new Map<Element, number>();
  #boxes: readonly Box[] = [];
  #width = 0;
  #current = 0;

  constructor(
    private readonly photos: readonly Photo[],
    private readonly pictures: Pictures,
    private readonly words: Words,
    opened: (index: number) => void,
  ) {
    this.#tiles = photos.map((photo, index) => this.#tile(photo, index));
    const rows = this.#tiles.map(({ button }) => element('li', {}, button));
    this.#list = element(
      'ul',
      { class: 'grid', attributes: { 'aria-label': words.gallery } },
      ...rows,
    );
    this.#list.addEventListener('click', (event) => {
      const index = this.#indexOf(event.target);
      if (index === undefined) return;
      if (this.#tiles[index]?.state === 'failed') this.#load(index, 0);
      else opened(index);
    });
    this.#list.addEventListener('keydown', (event) => this.#key(event));
    this.#list.addEventListener('focusin', (event) => {
      const index = this.#indexOf(event.target);
      if (index !== undefined) this.#mark(index);
    });
    this.#mark(0);
  }

  get node(): HTMLElement {
    return this.#list;
  }

  /** Begins to lay out and load; call once the grid stands in the page. */
  start(): void {
    new ResizeObserver(() => this.#layOut()).observe(this.#list);
    this.#layOut();
    // Registered from the nearest to the farthest: what is looked at is asked for first.
    this.#watch('0px', (index, isIn) => isIn && this.#load(index, 0));
    this.#watch(NEAR, (index, isIn) => isIn && this.#load(index, 1));
    this.#watch(FAR, (index, isIn) => !isIn && this.#unload(index));
    addEventListener('online', () => this.retry());
  }

  /** Tries again what failed and is near. */
  retry(): void {
    const edge = innerHeight;
    for (const [index, tile] of this.#tiles.entries()) {
      if (tile.state !== 'failed') continue;
      const { top, bottom } = tile.button.getBoundingClientRect();
      if (bottom > -edge && top < 2 * edge) this.#load(index, 0);
    }
  }

  /** Puts the keyboard back on a photo. */
  focus(index: number): void {
    const button = this.#tiles[index]?.button;
    this.#mark(index);
    button?.focus({ preventScroll: true });
    button?.scrollIntoView({ block: 'nearest' });
  }

  #tile(photo: Photo, index: number): Tile {
    const image = element('img', { attributes: { alt: '', draggable: 'false' } });
    const position = this.words.photo(index + 1, this.photos.length);
    const label = photo.caption ? `${position}: ${photo.caption}` : position;
    const attributes = { type: 'button', 'aria-label': label, tabindex: '-1' };
    const button = element('button', { class: 'tile', attributes }, image);
    this.#at.set(button, index);
    return { photo, button, image, state: 'empty', turn: 0 };
  }

  #watch(rootMargin: string, met: (index: number, isIn: boolean) => void): void {
    const observer = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          const index = this.#at.get(entry.target);
          if (index !== undefined) met(index, entry.isIntersecting);
        }
      },
      { rootMargin },
    );
    for (const { button } of this.#tiles) observer.observe(button);
  }

  #load(index: number, urgency: 0 | 1): void {
    const tile = this.#tiles[index];
    if (!tile || tile.state === 'shown') return;
    if (tile.state === 'coming') {
      // Now it is looked at: hurry the request that is under way.
      if (urgency === 0) this.pictures.hurry(tile.photo.thumb);
      return;
    }
    void this.#show(tile, urgency);
  }

  async #show(tile: Tile, urgency: 0 | 1): Promise<void> {
    const turn = ++tile.turn;
    const isComing = (): boolean => tile.turn === turn && tile.state === 'coming';
    tile.state = 'coming';
    tile.button.classList.remove('failed');
    let url: string;
    try {
      url = await this.pictures.hold(tile.photo.thumb, urgency);
    } catch (error) {
      if (isComing() && !(error instanceof Dropped)) this.#fail(tile);
      return;
    }
    if (!isComing()) {
      this.pictures.release(tile.photo.thumb);
      return;
    }
    tile.image.src = url;
    try {
      await tile.image.decode();
    } catch {
      if (isComing()) {
        this.pictures.release(tile.photo.thumb);
        this.#fail(tile);
      }
      return;
    }
    if (!isComing()) return;
    tile.state = 'shown';
    tile.button.classList.add('shown');
  }

  #fail(tile: Tile): void {
    tile.state = 'failed';
    tile.button.classList.add('failed');
    tile.image.removeAttribute('src');
    if (tile.button.querySelector('.trouble')) return;
    const label = element('span', { text: this.words.notShown });
    tile.button.append(element('span', { class: 'trouble' }, icon('broken'), label));
  }

  #unload(index: number): void {
    const tile = this.#tiles[index];
    if (!tile || tile.state === 'empty' || tile.state === 'failed') return;
    const wasAsked = tile.state === 'coming' && !tile.image.hasAttribute('src');
    tile.state = 'empty';
    tile.button.classList.remove('shown');
    tile.image.removeAttribute('src');
    if (wasAsked) this.pictures.drop(tile.photo.thumb);
    else this.pictures.release(tile.photo.thumb);
  }

  #layOut(): void {
    const width = this.#list.clientWidth;
    if (width === 0 || width === this.#width) return;
    this.#width = width;
    const gap = width < 480 ? 4 : 8;
    const ratios = this.photos.map((photo) => photo.width / photo.height);
    const { boxes, height } = justify(ratios, width, rowHeight(width), gap);
    this.#boxes = boxes;
    this.#list.style.height = `${height}px`;
    for (const [index, box] of boxes.entries()) {
      const style = this.#tiles[index]?.button.style;
      if (!style) continue;
      style.width = `${box.width}px`;
      style.height = `${box.height}px`;
      style.transform = `translate(${box.left}px, ${box.top}px)`;
    }
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const last = this.photos.length - 1;
    const at = this.#current;
    const moves: Readonly<Record<string, () => number>> = {
      ArrowLeft: () => Math.max(0, at - 1),
      ArrowRight: () => Math.min(last, at + 1),
      ArrowUp: () => neighbour(this.#boxes, at, -1),
      ArrowDown: () => neighbour(this.#boxes, at, 1),
      Home: () => 0,
      End: () => last,
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    this.focus(move());
  }

  /** The one tile the Tab key reaches. */
  #mark(index: number): void {
    this.#tiles[this.#current]?.button.setAttribute('tabindex', '-1');
    this.#current = index;
    this.#tiles[index]?.button.setAttribute('tabindex', '0');
  }

  #indexOf(target: EventTarget | null): number | undefined {
    const button = target instanceof Element ? target.closest('.tile') : null;
    return button ? this.#at.get(button) : undefined;
  }
}
