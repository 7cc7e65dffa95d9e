/** Turns pointer events into what was meant. Points are measured from the middle of the place. */
import { distance, middle, type Point } from './gesture';

export interface Touched {
  /** One finger, or the mouse with its button down, moved by so much. */
  readonly moved: (by: Point) => void;
  /** It left, having moved by so much altogether. */
  readonly left: (by: Point, milliseconds: number) => void;
  readonly pinched: (scale: number, at: Point, moved: Point) => void;
  readonly tapped: (touch: boolean) => void;
  readonly doubled: (at: Point) => void;
}

export class Fingers {
  readonly #down = new Map<number, Point>();
  #start: Point = { x: 0, y: 0 };
  #began = 0;
  /** More than a trembling: no tap any more. */
  #moving = false;
  #pinching = false;
  #lastTap = { time: 0, at: { x: 0, y: 0 } };
  #tap = 0;

  constructor(
    private readonly place: HTMLElement,
    private readonly hear: Touched,
  ) {
    place.addEventListener('pointerdown', (event) => this.#begin(event));
    place.addEventListener('pointermove', (event) => this.#move(event));
    place.addEventListener('pointerup', (event) => this.#end(event, true));
    place.addEventListener('pointercancel', (event) => this.#end(event, false));
  }

  #point(event: PointerEvent): Point {
    const box = this.place.getBoundingClientRect();
    return {
      x: event.clientX - box.left - box.width / 2,
      y: event.clientY - box.top - box.height / 2,
    };
  }

  #begin(event: PointerEvent): void {
    if (event.pointerType === 'mouse' && event.button !== 0) return;
    if (event.target instanceof Element && event.target.closest('button')) return;
    this.place.setPointerCapture(event.pointerId);
    this.#down.set(event.pointerId, this.#point(event));
    if (this.#down.size === 1) {
      this.#start = this.#point(event);
      this.#began = event.timeStamp;
      this.#moving = false;
      this.#pinching = false;
    } else {
      this.#pinching = true;
    }
  }

  #move(event: PointerEvent): void {
    const before = this.#down.get(event.pointerId);
    if (!before) return;
    const now = this.#point(event);
    const others = [...this.#down].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    const [other] = others;
    if (other) {
      const was = distance(before, other);
      const centre = middle(now, other);
      const wasCentre = middle(before, other);
      const moved = { x: centre.x - wasCentre.x, y: centre.y - wasCentre.y };
      if (was > 0) this.hear.pinched(distance(now, other) / was, wasCentre, moved);
    } else if (!this.#pinching) {
      if (!this.#moving && distance(now, this.#start) < 8) return;
      this.#moving = true;
      this.hear.moved({ x: now.x - before.x, y: now.y - before.y });
    }
    this.#down.set(event.pointerId, now);
  }

  #end(event: PointerEvent, isMeant: boolean): void {
    if (!this.#down.delete(event.pointerId) || this.#down.size > 0) return;
    const at = this.#point(event);
    const by = { x: at.x - this.#start.x, y: at.y - this.#start.y };
    if (this.#pinching) return;
    if (this.#moving) {
      this.hear.left(isMeant ? by : { x: 0, y: 0 }, event.timeStamp - this.#began);
      return;
    }
    if (!isMeant) return;
    const isDouble =
      event.timeStamp - this.#lastTap.time < 320 && distance(at, this.#lastTap.at) < 40;
    clearTimeout(this.#tap);
    if (isDouble) {
      this.#lastTap = { time: 0, at };
      this.hear.doubled(at);
      return;
    }
    this.#lastTap = { time: event.timeStamp, at };
    const isTouch = event.pointerType !== 'mouse';
    // A single tap waits, in case it is the first half of a double one.
    this.#tap = window.setTimeout(() => this.hear.tapped(isTouch), 330);
  }
}
