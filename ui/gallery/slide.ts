/** One photo of the viewer: its small picture at once, the large one in its place when it is there. */
import type { Photo } from './album';
import { element, icon } from './dom';
import { FITS, fit, type Pose, type Size, within } from './gesture';
import type { Pictures } from './pictures';
import type { Words } from './words';

export class Slide {
  readonly node: HTMLElement;
  readonly #image = element('img', { attributes: { alt: '', draggable: 'false' } });
  readonly #trouble: HTMLElement;
  #photo: Photo | undefined;
  /** Counts what was shown: an answer for an older photo is nobody's. */
  #turn = 0;
  #held: number[] = [];
  #asked: number[] = [];
  #pose: Pose = FITS;

  constructor(
    private readonly thumbs: Pictures,
    private readonly views: Pictures,
    words: Words,
  ) {
    const again = element('button', {
      class: 'plain',
      text: words.again,
      attributes: { type: 'button' },
    });
    const label = element('p', { text: words.notShown });
    this.#trouble = element(
      'div',
      { class: 'trouble', attributes: { hidden: '' } },
      icon('broken'),
      label,
      again,
    );
    this.node = element('figure', { class: 'slide' }, this.#image, this.#trouble);
    again.addEventListener('click', () => {
      const photo = this.#photo;
      this.show(undefined, '', 0);
      this.show(photo, this.#image.alt, 0);
    });
  }

  get photo(): Photo | undefined {
    return this.#photo;
  }

  get pose(): Pose {
    return this.#pose;
  }

  /** Shows a photo, or nothing; a photo already shown stays. */
  show(photo: Photo | undefined, alt: string, urgency: 0 | 1): void {
    this.#image.alt = alt;
    if (photo === this.#photo) {
      if (photo && urgency === 0) this.views.hurry(photo.view);
      return;
    }
    this.#release();
    this.#photo = photo;
    this.#trouble.hidden = true;
    this.#image.removeAttribute('src');
    this.move(FITS);
    if (photo) void this.#load(photo, urgency);
  }

  /** The frame's size, or the photo, changed. */
  resize(): void {
    const size = this.fitted();
    this.#image.style.width = `${size.width}px`;
    this.#image.style.height = `${size.height}px`;
  }

  fitted(): Size {
    return this.#photo ? fit(this.#photo, this.#frame()) : { width: 1, height: 1 };
  }

  /** Puts the picture where the fingers want it, as far as it may go. */
  move(pose: Pose): void {
    this.#pose = within(pose, this.fitted(), this.#frame());
    const { x, y, scale } = this.#pose;
    this.#image.style.transform = scale === 1 ? '' : `translate(${x}px, ${y}px) scale(${scale})`;
    this.node.classList.toggle('zoomed', scale > 1);
  }

  #frame(): Size {
    return {
      width: this.node.clientWidth || innerWidth,
      height: this.node.clientHeight || innerHeight,
    };
  }

  async #load(photo: Photo, urgency: 0 | 1): Promise<void> {
    const turn = this.#turn;
    this.resize();
    const small = this.#picture(this.thumbs, photo.thumb, turn, urgency);
    const large = this.#picture(this.views, photo.view, turn, urgency);
    // The small picture must not come after the large one.
    void small.then((url) => {
      if (url !== undefined && turn === this.#turn && !this.#image.hasAttribute('src'))
        this.#image.src = url;
    });
    const url = await large;
    if (turn !== this.#turn) return;
    if (url === undefined) {
      this.#trouble.hidden = false;
      return;
    }
    const ready = new Image();
    ready.src = url;
    try {
      // Decoded aside, so that the small picture stays until the large one can be painted.
      await ready.decode();
      if (turn === this.#turn) this.#image.src = url;
    } catch {
      if (turn === this.#turn) this.#trouble.hidden = false;
    }
  }

  /** An address, or `undefined` when it cannot be had or is no longer wanted. */
  async #picture(
    from: Pictures,
    item: number,
    turn: number,
    urgency: 0 | 1,
  ): Promise<string | undefined> {
    // Thumbs are noted as negative numbers.
    const note = from === this.thumbs ? ~item : item;
    this.#asked.push(note);
    try {
      const url = await from.hold(item, urgency);
      if (turn !== this.#turn) {
        from.release(item);
        return undefined;
      }
      this.#asked = this.#asked.filter((other) => other !== note);
      this.#held.push(note);
      return url;
    } catch {
      if (turn === this.#turn) this.#asked = this.#asked.filter((other) => other !== note);
      return undefined;
    }
  }

  #release(): void {
    this.#turn++;
    for (const item of this.#held) {
      if (item < 0) this.thumbs.release(~item);
      else this.views.release(item);
    }
    this.#held = [];
    // An answer that comes all the same is given back by whoever awaits it.
    for (const item of this.#asked) {
      if (item < 0) this.thumbs.drop(~item);
      else this.views.drop(item);
    }
    this.#asked = [];
  }
}
