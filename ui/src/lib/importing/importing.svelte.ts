/** One import from choosing a card to the verdict. */
import {
  AppError,
  cards,
  importCard,
  planImport,
  type Card,
  type Counts,
  type ImportOrder,
  type ImportPlan,
  type ImportReport,
  type Work,
} from '../ipc';
import { Rate } from '../shared/rate';

export type Stage = 'choosing' | 'planning' | 'ready' | 'importing' | 'done';

/** A steady clock in milliseconds. */
type Now = () => number;

export class Importing {
  stage = $state<Stage>('choosing');
  cards = $state.raw<Card[]>([]);
  source = $state('');
  shoot = $state('');
  client = $state('');
  plan = $state.raw<ImportPlan | null>(null);
  counts = $state.raw<Counts | null>(null);
  perSecond = $state<number | null>(null);
  secondsLeft = $state<number | null>(null);
  report = $state.raw<ImportReport | null>(null);
  error = $state.raw<AppError | null>(null);
  stopping = $state(false);

  #work: Work<unknown> | null = null;
  #rate = new Rate();
  readonly #now: Now;

  constructor(now: Now = () => performance.now()) {
    this.#now = now;
  }

  get busy(): boolean {
    return this.stage === 'planning' || this.stage === 'importing';
  }

  /** 0 to 1 while the end is known. */
  get share(): number | null {
    const counts = this.counts;
    if (!counts || counts.bytesTotal === 0) return null;
    return Math.min(1, counts.bytesDone / counts.bytesTotal);
  }

  /** Looks which cards are in. A system that cannot say leaves the folder to be chosen. */
  async findCards(): Promise<void> {
    try {
      this.cards = await cards();
    } catch {
      this.cards = [];
    }
  }

  /** Reads what is on the card and what of it is new. */
  async look(source: string): Promise<void> {
    this.source = source.trim();
    if (this.source === '') return;
    this.error = null;
    this.report = null;
    this.plan = null;
    this.stage = 'planning';
    const work = planImport(this.#order(), (counts) => this.#saw(counts));
    const plan = await this.#run(work, 'choosing');
    if (!plan) return;
    this.plan = plan;
    this.stage = 'ready';
  }

  async start(): Promise<void> {
    this.error = null;
    this.stage = 'importing';
    const work = importCard(this.#order(), (counts) => this.#saw(counts));
    const report = await this.#run(work, 'ready');
    if (!report) return;
    this.report = report;
    this.stage = 'done';
  }

  /** Stops at the next safe point; what is verified stays. */
  cancel(): void {
    this.stopping = true;
    this.#work?.cancel();
  }

  /** Back to the choice of a card. */
  again(): void {
    this.stage = 'choosing';
    this.plan = null;
    this.report = null;
    this.error = null;
    this.source = '';
    void this.findCards();
  }

  #order(): ImportOrder {
    const text = (value: string): string | null => value.trim() || null;
    return { source: this.source, shoot: text(this.shoot), client: text(this.client) };
  }

  async #run<T>(work: Work<T>, back: Stage): Promise<T | null> {
    this.#work = work;
    this.#rate = new Rate();
    this.counts = null;
    this.perSecond = null;
    this.secondsLeft = null;
    this.stopping = false;
    const stopped = (): boolean => this.stopping;
    try {
      return await work.done;
    } catch (thrown) {
      const error = AppError.from(thrown);
      // Whoever stopped it knows; only a stop nobody asked for is news.
      this.error = error.code === 'cancelled' && stopped() ? null : error;
      this.stage = back;
      return null;
    } finally {
      this.#work = null;
      this.stopping = false;
    }
  }

  #saw(counts: Counts): void {
    this.counts = counts;
    this.#rate.saw(counts.bytesDone, this.#now());
    this.perSecond = this.#rate.perSecond();
    this.secondsLeft = this.#rate.left(counts.bytesTotal);
  }
}
