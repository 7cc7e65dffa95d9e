/**
 * Decrypted pictures as addresses an `<img>` takes, counted by who shows them.
 *
 * What nobody shows any more stays for a while, in case somebody scrolls back, and is then released:
 * an album of 500 photos never holds more than a few screens of them.
 */
import type { Bytes } from './bytes';
import { Queue, type Urgency } from './queue';
import { type Kind, sniff } from './sniff';

/** Fetches and decryptions at the same time. */
const WIDTH = 16;

interface Held {
  readonly url: string;
  readonly blob: Blob;
  users: number;
}

/** The bytes are no picture a browser shows. */
export class NotAPicture extends Error {
  override name = 'NotAPicture';
}

export class Pictures {
  readonly #held = new Map<number, Held>();
  readonly #queue: Queue<Blob>;

  constructor(
    load: (item: number, signal: AbortSignal) => Promise<Bytes>,
    private readonly idle: number,
  ) {
    this.#queue = new Queue(
      async (item, signal) => pictureBlob(await load(item, signal)).blob,
      WIDTH,
    );
  }

  /** An address of the item's picture; give it back with `release`. */
  async hold(item: number, urgency: Urgency): Promise<string> {
    const known = this.#held.get(item);
    if (known) return this.#use(item, known);
    const blob = await this.#queue.want(item, urgency);
    const held = this.#held.get(item) ?? { url: URL.createObjectURL(blob), blob, users: 0 };
    return this.#use(item, held);
  }

  /** Takes back a `hold` that has not answered yet. */
  drop(item: number): void {
    this.#queue.drop(item);
  }

  /** Moves a request that is under way to the front. */
  hurry(item: number): void {
    this.#queue.hurry(item);
  }

  release(item: number): void {
    const held = this.#held.get(item);
    if (!held) return;
    held.users = Math.max(0, held.users - 1);
    if (held.users > 0) return;
    // To the end of the line of idle ones.
    this.#held.delete(item);
    this.#held.set(item, held);
    this.#trim();
  }

  /** The blob of an item that is held. */
  blob(item: number): Blob | undefined {
    return this.#held.get(item)?.blob;
  }

  /** Releases everything, shown or not. */
  clear(): void {
    this.#queue.clear();
    for (const held of this.#held.values()) URL.revokeObjectURL(held.url);
    this.#held.clear();
  }

  #use(item: number, held: Held): string {
    held.users++;
    this.#held.set(item, held);
    return held.url;
  }

  #trim(): void {
    const idle = [...this.#held].filter(([, held]) => held.users === 0);
    for (const [item, held] of idle.slice(0, Math.max(0, idle.length - this.idle))) {
      URL.revokeObjectURL(held.url);
      this.#held.delete(item);
    }
  }
}

/** Bytes as a blob, if they are something a browser may be shown. */
export function pictureBlob(bytes: Bytes): { blob: Blob; kind: Kind } {
  const kind = sniff(bytes);
  if (!kind) throw new NotAPicture();
  return { blob: new Blob([bytes], { type: kind.type }), kind };
}
