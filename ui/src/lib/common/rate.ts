/** Turns counts seen now and then into a rate and a time left. */

interface Look {
  at: number;
  bytes: number;
}

/** How far back the rate looks, in milliseconds. */
const WINDOW = 8000;

export class Rate {
  #looks: Look[] = [];

  /** Notes that `bytes` were done at `at` (milliseconds of a steady clock). */
  saw(bytes: number, at: number): void {
    this.#looks.push({ at, bytes });
    while (this.#looks.length > 2 && at - (this.#looks[0]?.at ?? at) > WINDOW) this.#looks.shift();
  }

  /** Bytes a second over the last seconds; null before there are two looks apart. */
  perSecond(): number | null {
    const first = this.#looks.at(0);
    const last = this.#looks.at(-1);
    if (!first || !last || last.at - first.at < 500) return null;
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }

  /** Seconds left until `total`; null while nobody can tell. */
  left(total: number): number | null {
    const rate = this.perSecond();
    const done = this.#looks.at(-1)?.bytes ?? 0;
    if (rate === null || rate <= 0 || total <= 0) return null;
    return Math.max(0, total - done) / rate;
  }
}
