/**
 * What is fetched next: what is looked at before what is near, and each thing once.
 *
 * Pictures of rows that scrolled by before their turn came are dropped without a request.
 */

/** Smaller is sooner. */
export type Urgency = 0 | 1 | 2;

interface Job<T> {
  readonly key: number;
  urgency: Urgency;
  readonly order: number;
  wanted: number;
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
  readonly stop: AbortController;
  running: boolean;
}

/** Somebody stopped wanting it. */
export class Dropped extends Error {
  override name = 'Dropped';
}

export class Queue<T> {
  readonly #jobs = new Map<number, Job<T>>();
  #running = 0;
  #order = 0;

  constructor(
    private readonly work: (key: number, signal: AbortSignal) => Promise<T>,
    private readonly width: number,
  ) {}

  /** Asks for a key; asking again for one under way shares the answer and may hurry it. */
  want(key: number, urgency: Urgency): Promise<T> {
    const known = this.#jobs.get(key);
    if (known) {
      known.wanted++;
      known.urgency = Math.min(known.urgency, urgency) as Urgency;
      return known.promise;
    }
    const { promise, resolve, reject } = withResolvers<T>();
    // Whoever asked hears of a failure; the queue itself must not leave it unhandled.
    promise.catch(() => undefined);
    const order = this.#order++;
    const stop = new AbortController();
    this.#jobs.set(key, {
      key,
      urgency,
      order,
      wanted: 1,
      promise,
      resolve,
      reject,
      stop,
      running: false,
    });
    queueMicrotask(() => {
      this.#next();
    });
    return promise;
  }

  /** Makes a wish that is there already the most urgent. */
  hurry(key: number): void {
    const job = this.#jobs.get(key);
    if (job) job.urgency = 0;
  }

  /** Takes one wish back; the last one stops the work. */
  drop(key: number): void {
    const job = this.#jobs.get(key);
    if (!job || --job.wanted > 0) return;
    this.#jobs.delete(key);
    job.stop.abort(new Dropped());
    if (!job.running) job.reject(new Dropped());
  }

  /** Stops everything. */
  clear(): void {
    for (const job of this.#jobs.values()) {
      job.stop.abort(new Dropped());
      if (!job.running) job.reject(new Dropped());
    }
    this.#jobs.clear();
  }

  #next(): void {
    while (this.#running < this.width) {
      let best: Job<T> | undefined;
      for (const job of this.#jobs.values()) {
        if (job.running) continue;
        if (
          !best ||
          job.urgency < best.urgency ||
          (job.urgency === best.urgency && job.order < best.order)
        )
          best = job;
      }
      if (!best) return;
      void this.#run(best);
    }
  }

  async #run(job: Job<T>): Promise<void> {
    job.running = true;
    this.#running++;
    try {
      job.resolve(await this.work(job.key, job.stop.signal));
    } catch (error) {
      job.reject(error);
    } finally {
      this.#running--;
      if (this.#jobs.get(job.key) === job) this.#jobs.delete(job.key);
      this.#next();
    }
  }
}

function withResolvers<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (reason: unknown) => void;
} {
  let resolve: ((value: T) => void) | undefined;
  let reject: ((reason: unknown) => void) | undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  if (!resolve || !reject) throw new Error('a promise runs its body at once');
  return { promise, resolve, reject };
}
