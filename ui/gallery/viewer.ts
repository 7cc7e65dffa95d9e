/**
 * One photo over the whole window: keys, fingers, wheel, and the next one always at hand.
 *
 * Three slides stand side by side; a swipe moves the row, then the slides change places. The browser's
 * back button closes the viewer, as people expect on a phone.
 */
import type { Album } from './album';
import { element, iconButton, quiet } from './dom';
import { Fingers } from './fingers';
import { FITS, fullScale, type Point, swiped, zoomAt } from './gesture';
import type { Pictures } from './pictures';
import { Slide } from './slide';
import type { Words } from './words';

const CONTROLS_STAY = 2500;
const GLIDE = 180;

interface Hooks {
  readonly closed: (index: number) => void;
  readonly save: (index: number, heard: (part: number) => void) => Promise<void>;
}

export class Viewer {
  readonly #dialog: HTMLDialogElement;
  readonly #row = element('div', { class: 'row' });
  readonly #stage = element('div', { class: 'stage' }, this.#row);
  readonly #position = element('p', { class: 'position' });
  readonly #caption = element('p', { class: 'caption' });
  readonly #note = element('p', { class: 'note', attributes: { role: 'status' } });
  readonly #spoken = element('p', { class: 'unseen', attributes: { 'aria-live': 'polite' } });
  readonly #close: HTMLButtonElement;
  readonly #save: HTMLButtonElement;
  readonly #previous: HTMLButtonElement;
  readonly #next: HTMLButtonElement;
  /** Before, now, after. */
  #slides: [Slide, Slide, Slide];
  #index = 0;
  #gliding: (() => void) | undefined;
  #resting = 0;
  #dragged = 0;

  constructor(
    private readonly album: Album,
    thumbs: Pictures,
    views: Pictures,
    private readonly words: Words,
    private readonly hooks: Hooks,
  ) {
    const slide = (): Slide => new Slide(thumbs, views, words);
    this.#slides = [slide(), slide(), slide()];
    this.#close = iconButton('close', words.close, 'close');
    this.#save = iconButton('save', words.save, 'save');
    this.#previous = iconButton('previous', words.previous, 'previous');
    this.#next = iconButton('next', words.next, 'next');
    const zoom = iconButton('zoom', words.zoom, 'zoom');
    const tools = element(
      'div',
      { class: 'tools' },
      zoom,
      ...(album.save ? [this.#save] : []),
      this.#close,
    );
    const bar = element('div', { class: 'bar' }, this.#position, tools);
    const foot = element('div', { class: 'foot' }, this.#caption, this.#note);
    this.#row.append(...this.#slides.map(({ node }) => node));
    this.#dialog = element(
      'dialog',
      { class: 'viewer', attributes: { tabindex: '-1', 'aria-label': album.title } },
      this.#stage,
      this.#previous,
      this.#next,
      bar,
      foot,
      this.#spoken,
    );
    this.#place();

    this.#close.addEventListener('click', () => this.close());
    zoom.addEventListener('click', () => this.#toggleZoom({ x: 0, y: 0 }));
    this.#previous.addEventListener('click', () => this.#go(-1));
    this.#next.addEventListener('click', () => this.#go(1));
    this.#save.addEventListener('click', () => void this.#saveNow());
    this.#dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      this.close();
    });
    this.#dialog.addEventListener('keydown', (event) => this.#key(event));
    this.#dialog.addEventListener('pointermove', () => this.#wake());
    this.#dialog.addEventListener('focusin', () => this.#wake());
    addEventListener('popstate', () => this.#hide());
    new ResizeObserver(() => this.#resized()).observe(this.#stage);
    new Fingers(this.#stage, {
      moved: (by) => this.#drag(by),
      left: (by, milliseconds) => this.#letGo(by, milliseconds),
      pinched: (scale, at, moved) => this.#pinch(scale, at, moved),
      tapped: (touch) => touch && this.#dialog.classList.toggle('resting'),
      doubled: (at) => this.#toggleZoom(at),
    });
    this.#stage.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
  }

  get node(): HTMLElement {
    return this.#dialog;
  }

  open(index: number): void {
    if (this.#dialog.open) return;
    this.#index = index;
    document.documentElement.classList.add('viewing');
    this.#dialog.showModal();
    this.#dialog.focus();
    history.pushState({ viewing: true }, '');
    this.#fill();
    this.#wake();
  }

  close(): void {
    if (isViewing(history.state)) history.back();
    else this.#hide();
  }

  #hide(): void {
    if (!this.#dialog.open) return;
    this.#settle();
    this.#dialog.close();
    document.documentElement.classList.remove('viewing');
    for (const slide of this.#slides) slide.show(undefined, '', 1);
    clearTimeout(this.#resting);
    this.hooks.closed(this.#index);
  }

  /** Gives each slide its photo and says which one is shown. */
  #fill(): void {
    const { photos } = this.album;
    const count = photos.length;
    for (const [at, slide] of this.#slides.entries()) {
      const index = this.#index + at - 1;
      const photo = photos[index];
      const alt = photo ? (photo.caption ?? this.words.photo(index + 1, count)) : '';
      slide.show(photo, alt, at === 1 ? 0 : 1);
      slide.node.toggleAttribute('inert', at !== 1);
    }
    const photo = photos[this.#index];
    const position = this.words.photo(this.#index + 1, count);
    this.#position.textContent = this.words.position(this.#index + 1, count);
    this.#caption.textContent = photo?.caption ?? '';
    this.#note.textContent = '';
    this.#spoken.textContent = photo?.caption ? `${position}. ${photo.caption}` : position;
    this.#previous.disabled = this.#index === 0;
    this.#next.disabled = this.#index === count - 1;
    const label = photo?.full === undefined ? this.words.save : this.words.saveFull;
    this.#save.setAttribute('aria-label', label);
    this.#save.title = label;
  }

  #go(step: -1 | 1): void {
    this.#settle();
    const target = this.#index + step;
    if (target < 0 || target >= this.album.photos.length) {
      this.#glide(0);
      return;
    }
    this.#glide(-step, () => this.#step(step));
  }

  #jump(index: number): void {
    this.#settle();
    this.#index = index;
    this.#fill();
  }

  /** The slides change places; the one that fell off gets the photo that comes in. */
  #step(step: -1 | 1): void {
    const [before, now, after] = this.#slides;
    this.#slides = step === 1 ? [now, after, before] : [after, before, now];
    this.#index += step;
    now.move(FITS);
    this.#place();
    this.#fill();
  }

  #place(): void {
    for (const [at, slide] of this.#slides.entries()) slide.node.style.left = `${(at - 1) * 100}%`;
    this.#row.style.transform = '';
  }

  /** Moves the row by whole widths, then does the rest. */
  #glide(widths: number, then?: () => void): void {
    const finish = (): void => {
      this.#gliding = undefined;
      clearTimeout(timer);
      this.#row.style.transition = '';
      this.#row.style.transform = '';
      then?.();
    };
    let timer = 0;
    if (quiet()) {
      finish();
      return;
    }
    this.#row.style.transition = `transform ${GLIDE}ms ease-out`;
    this.#row.style.transform = `translateX(${widths * 100}%)`;
    timer = window.setTimeout(finish, GLIDE);
    this.#gliding = finish;
  }

  /** Brings a movement under way to its end at once. */
  #settle(): void {
    this.#gliding?.();
  }

  #drag(by: Point): void {
    const [, now] = this.#slides;
    this.#settle();
    if (now.pose.scale > 1) {
      now.move({ ...now.pose, x: now.pose.x + by.x, y: now.pose.y + by.y });
      return;
    }
    const atEdge =
      (by.x > 0 && this.#index === 0) || (by.x < 0 && this.#index === this.album.photos.length - 1);
    this.#dragged += atEdge ? by.x / 3 : by.x;
    this.#row.style.transform = `translateX(${this.#dragged}px)`;
  }

  #letGo(by: Point, milliseconds: number): void {
    const [, now] = this.#slides;
    const dragged = this.#dragged;
    this.#dragged = 0;
    if (now.pose.scale > 1) return;
    if (by.y > 100 && by.y > Math.abs(by.x) * 2) {
      this.#row.style.transform = '';
      this.close();
      return;
    }
    const step = swiped(dragged, milliseconds, this.#stage.clientWidth);
    if (step === 0) this.#glide(0);
    else this.#go(step);
  }

  #pinch(scale: number, at: Point, moved: Point): void {
    const [, now] = this.#slides;
    this.#settle();
    this.#dragged = 0;
    this.#row.style.transform = '';
    const zoomed = zoomAt(now.pose, now.pose.scale * scale, at);
    now.move({ ...zoomed, x: zoomed.x + moved.x, y: zoomed.y + moved.y });
  }

  #toggleZoom(at: Point): void {
    const [, now] = this.#slides;
    if (!now.photo) return;
    const scale = fullScale(now.photo, now.fitted(), devicePixelRatio);
    now.move(now.pose.scale > 1 ? FITS : zoomAt(now.pose, scale, at));
  }

  #wheel(event: WheelEvent): void {
    const [, now] = this.#slides;
    event.preventDefault();
    if (!event.ctrlKey && now.pose.scale === 1) return;
    const at = this.#fromMiddle({ x: event.clientX, y: event.clientY });
    now.move(zoomAt(now.pose, now.pose.scale * Math.exp(-event.deltaY / 300), at));
  }

  #fromMiddle(point: Point): Point {
    const box = this.#stage.getBoundingClientRect();
    return { x: point.x - box.left - box.width / 2, y: point.y - box.top - box.height / 2 };
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const keys: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => this.#go(-1),
      ArrowRight: () => this.#go(1),
      PageUp: () => this.#go(-1),
      PageDown: () => this.#go(1),
      Home: () => this.#jump(0),
      End: () => this.#jump(this.album.photos.length - 1),
      z: () => this.#toggleZoom({ x: 0, y: 0 }),
      Z: () => this.#toggleZoom({ x: 0, y: 0 }),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  async #saveNow(): Promise<void> {
    const index = this.#index;
    this.#save.disabled = true;
    this.#note.textContent = this.words.saving;
    const isShown = (): boolean => index === this.#index;
    try {
      await this.hooks.save(index, (part) => {
        if (isShown()) this.#note.textContent = `${this.words.saving} ${Math.floor(part * 100)} %`;
      });
      if (isShown()) this.#note.textContent = '';
    } catch {
      if (isShown()) this.#note.textContent = this.words.notSaved;
    } finally {
      this.#save.disabled = false;
    }
  }

  #resized(): void {
    for (const slide of this.#slides) {
      slide.resize();
      slide.move(slide.pose);
    }
  }

  /** Shows the controls, and lets them fade when the mouse rests. */
  #wake(): void {
    this.#dialog.classList.remove('resting');
    clearTimeout(this.#resting);
    if (matchMedia('(pointer: coarse)').matches) return;
    this.#resting = window.setTimeout(() => {
      const isAtControls =
        this.#dialog.querySelector('button:hover, button:focus-visible') !== null;
      if (!isAtControls) this.#dialog.classList.add('resting');
    }, CONTROLS_STAY);
  }
}

function isViewing(state: unknown): boolean {
  return typeof state === 'object' && state !== null && 'viewing' in state;
}
