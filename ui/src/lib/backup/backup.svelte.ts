/** What is where, and bringing the rest to the bucket. */
import {
  AppError,
  backUp,
  status,
  type BackupReport,
  type Counts,
  type Status,
  type Work,
} from '../ipc';
import { Rate } from '../common/rate';

export class Backup {
  status = $state.raw<Status | null>(null);
  running = $state(false);
  counts = $state.raw<Counts | null>(null);
  report = $state.raw<BackupReport | null>(null);
  error = $state.raw<AppError | null>(null);
  /** Stopped by hand: it goes on when it is asked to. */
  paused = $state(false);
  pausing = $state(false);
  /** How many runs ended, whatever came of them. */
  ended = $state(0);
  perSecond = $state<number | null>(null);
  secondsLeft = $state<number | null>(null);

  #work: Work<BackupReport> | null = null;

  /** Files that exist only on this computer; null without a bucket. */
  get behind(): number | null {
    const known = this.status;
    if (!known || known.filesInBucket === null) return null;
    return Math.max(0, known.files - known.filesInBucket);
  }

  async load(): Promise<void> {
    try {
      this.status = await status();
    } catch (thrown) {
      const error = AppError.from(thrown);
      // Behind the lock it is asked again when it is open.
      if (error.code !== 'locked') this.error = error;
    }
  }

  async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.error = null;
    this.counts = null;
    this.report = null;
    this.paused = false;
    this.perSecond = null;
    this.secondsLeft = null;
    const rate = new Rate();
    try {
      this.#work = backUp((counts) => {
        this.counts = counts;
        rate.saw(counts.bytesDone, performance.now());
        this.perSecond = rate.perSecond();
        this.secondsLeft = rate.left(counts.bytesTotal);
      });
      this.report = await this.#work.done;
    } catch (thrown) {
      const error = AppError.from(thrown);
      this.paused = error.code === 'cancelled';
      this.error = this.paused ? null : error;
    } finally {
      this.#work = null;
      this.running = false;
      this.pausing = false;
      this.ended += 1;
      await this.load();
    }
  }

  cancel(): void {
    this.pausing = true;
    this.#work?.cancel();
  }
}
