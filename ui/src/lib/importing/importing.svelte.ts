/** One import from choosing a card to the verdict. */
import {
  AppError,
  cardContents,
  cardTimes,
  ejectCard,
  importCard,
  planImport,
  preferences,
  sampleName,
  type Card,
  type CardContents,
  type Counts,
  type ImportOrder,
  type ImportPlan,
  type ImportReport,
  type PresetRow,
  type Work,
} from '../ipc';
import { Rate } from '../common/rate';
import { byDay, type Day } from './groups';

export type Stage = 'choosing' | 'planning' | 'ready' | 'importing' | 'done';

/** Of so many exposures the cameras' dates are read before the first picture is shown ... */
const FEW = 60;
/** ... and so many milliseconds are waited for them. */
const PATIENCE = 150;
/** So many pictures, or all there are, come before everything else that reads the card ... */
const FIRST = 12;
/** ... for so many milliseconds: a card may be slow, or hold nothing that can be shown. */
const HEAD_START = 800;

/** So many milliseconds after a card the next one is still of its shoot. */
const SAME_SHOOT = 3 * 3_600_000;

/** A steady clock in milliseconds. */
type Now = () => number;

export class Importing {
  stage = $state<Stage>('choosing');
  /** The card the source is; null for a mere folder. */
  card = $state.raw<Card | null>(null);
  source = $state('');
  shoot = $state('');
  client = $state('');
  preset = $state('');
  template = $state('');
  presets = $state.raw<PresetRow[]>([]);
  /** Where the first photo would go, as things are typed. */
  example = $state.raw<string | null>(null);
  exampleWrong = $state.raw<string | null>(null);
  contents = $state.raw<CardContents | null>(null);
  days = $state.raw<Day[]>([]);
  ejecting = $state(false);
  ejected = $state(false);
  plan = $state.raw<ImportPlan | null>(null);
  counts = $state.raw<Counts | null>(null);
  perSecond = $state<number | null>(null);
  secondsLeft = $state<number | null>(null);
  report = $state.raw<ImportReport | null>(null);
  error = $state.raw<AppError | null>(null);
  stopping = $state(false);
  /** How many imports of this sheet ended, whatever came of them. */
  ended = $state(0);

  #work: Work<unknown> | null = null;
  /** When the last import here ended. */
  #endedAt: number | null = null;
  #looks = 0;
  #pictures = 0;
  #firstAre: (() => void) | null = null;
  #samples = 0;
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

  /** Exposures the library has already, by their place on the card. */
  get here(): Set<number> {
    const frames = this.contents?.frames ?? [];
    const fresh = this.plan ? new Set(this.plan.newPaths) : null;
    const here = frames.flatMap(({ path, known }, n) =>
      (fresh ? !fresh.has(path) : known) ? [n] : [],
    );
    return new Set(here);
  }

  /** Reads what is on the card and what of it is new. */
  async look(source: string): Promise<void> {
    this.source = source.trim();
    if (this.source === '') return;
    this.#forgetShoot();
    this.error = null;
    this.report = null;
    this.plan = null;
    this.ejected = false;
    this.contents = null;
    this.days = [];
    this.stage = 'planning';
    this.stopping = false;
    const look = ++this.#looks;
    await this.#showPictures(look);
    if (look !== this.#looks) return;
    const stopped = (): boolean => this.stopping;
    if (stopped()) {
      this.stopping = false;
      this.stage = 'choosing';
      return;
    }
    const work = planImport(this.#order(), (counts) => this.#saw(counts));
    const plan = await this.#run(work, 'choosing');
    if (!plan) return;
    this.plan = plan;
    this.example = plan.example;
    this.stage = 'ready';
    // With nothing to copy there is nothing to choose, but the question of the card is open.
    if (plan.newFiles === 0 && plan.alreadyHere > 0 && plan.failed.length === 0) await this.start();
  }

  /** Looks at the card as it was ordered before the program ended; whether it can be gone on with. */
  async resume(order: ImportOrder): Promise<boolean> {
    this.shoot = order.shoot ?? '';
    this.client = order.client ?? '';
    this.preset = order.preset ?? '';
    this.template = order.template ?? '';
    await this.look(order.source);
    return this.stage === 'ready';
  }

  /** The cards of one shoot follow each other; what comes hours later is another one. */
  #forgetShoot(): void {
    if (this.#endedAt === null || this.#now() - this.#endedAt < SAME_SHOOT) return;
    this.#endedAt = null;
    this.shoot = '';
    this.client = '';
    this.template = '';
  }

  /** What the names would be now. Of several questions only the last answer counts. */
  async sample(): Promise<void> {
    const asked = ++this.#samples;
    try {
      const example = await sampleName(this.#order());
      if (asked !== this.#samples) return;
      this.example = example;
      this.exampleWrong = null;
    } catch (thrown) {
      if (asked === this.#samples) this.exampleWrong = AppError.from(thrown).message;
    }
  }

  async eject(): Promise<void> {
    this.ejecting = true;
    this.error = null;
    try {
      await ejectCard(this.source).done;
      this.ejected = true;
    } catch (thrown) {
      this.error = AppError.from(thrown);
    } finally {
      this.ejecting = false;
    }
  }

  /** A picture of the card is there, or will not be. */
  pictured(): void {
    this.#pictures += 1;
    if (this.#pictures >= Math.min(FIRST, this.contents?.frames.length ?? 0)) this.#firstAre?.();
  }

  /**
   * Pictures first, by the files' own dates; when the cameras' dates are read, by these. Returns
   * when the first are there and others may read the card.
   */
  async #showPictures(look: number): Promise<void> {
    let contents: CardContents;
    try {
      contents = await cardContents(this.source);
    } catch {
      // The plan says what is wrong with the card; without pictures it can be imported all the same.
      return;
    }
    if (look !== this.#looks || contents.frames.length === 0) {
      if (look === this.#looks) this.contents = contents;
      return;
    }
    this.#pictures = 0;
    const first = new Promise<void>((go) => {
      this.#firstAre = go;
      setTimeout(go, HEAD_START);
    });
    this.contents = contents;
    const read = contents.frames.length <= FEW ? cardTimes(contents.id).done : null;
    const late = new Promise<null>((go) => setTimeout(() => go(null), PATIENCE));
    const early = read ? await Promise.race([read.catch(() => null), late]) : null;
    if (look !== this.#looks) return;
    this.#sort(contents, early);
    await first;
    if (look !== this.#looks) return;
    void this.#know(look, contents, early ? null : (read ?? cardTimes(contents.id).done));
  }

  /** What is known of the pictures later: when they were taken; and what can be done with them. */
  async #know(
    look: number,
    contents: CardContents,
    read: Promise<(string | null)[]> | null,
  ): Promise<void> {
    try {
      const times = await read;
      if (look !== this.#looks) return;
      if (times) this.#sort(contents, times);
      this.presets = (await preferences()).presets;
    } catch {
      // By the files' own dates, then, and without presets.
    }
  }

  #sort(contents: CardContents, times: (string | null)[] | null): void {
    const shots = contents.frames.map(({ written }, index) => ({
      index,
      taken: times?.[index] ?? written,
    }));
    this.days = byDay(shots);
  }

  async start(): Promise<void> {
    this.error = null;
    this.stage = 'importing';
    const work = importCard(this.#order(), (counts) => this.#saw(counts));
    const report = await this.#run(work, 'ready');
    this.ended += 1;
    if (!report) return;
    const seen = report.imported + report.alreadyHere + report.failed.length;
    const planned = this.plan?.newFiles ?? 0;
    // A place without its card is an empty folder, and there was something on the card.
    const gone = report.cardGone || (seen === 0 && planned > 0 && !report.cancelled);
    this.report = gone ? { ...report, cardGone: true, safeToFormat: false } : report;
    this.#endedAt = this.#now();
    this.stage = 'done';
  }

  /**
   * After a backup the card may be let go: asks anew what was not safe. Whether it is now. What came
   * onto the card since is left alone, and a card that is out is asked when it is in again.
   */
  async judge(): Promise<boolean> {
    const { report, source } = this;
    if (this.stage !== 'done' || !report || report.safeToFormat || report.cancelled) return false;
    if (report.cardGone || report.failed.length > 0) return false;
    try {
      const silent = (): void => undefined;
      const plan = await planImport(this.#order(), silent).done;
      if (plan.newFiles > 0 || plan.alreadyHere === 0) return false;
      const { safeToFormat, missing } = await importCard(this.#order(), silent).done;
      if (this.report !== report || this.source !== source) return false;
      this.report = { ...report, safeToFormat, missing };
      return safeToFormat;
    } catch {
      return false;
    }
  }

  /** Stops at the next safe point; what is verified stays. */
  cancel(): void {
    this.stopping = true;
    this.#firstAre?.();
    this.#work?.cancel();
  }

  /** Back to the choice of a card. */
  again(): void {
    this.stage = 'choosing';
    this.plan = null;
    this.report = null;
    this.error = null;
    this.source = '';
    this.card = null;
    this.contents = null;
    this.days = [];
    this.#looks += 1;
  }

  #order(): ImportOrder {
    const text = (value: string): string | null => value.trim() || null;
    return {
      source: this.source,
      shoot: text(this.shoot),
      client: text(this.client),
      preset: text(this.preset),
      template: text(this.template),
    };
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
