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

export class Backup {
  status = $state.raw<Status | null>(null);
  running = $state(false);
  counts = $state.raw<Counts | null>(null);
  report = $state.raw<BackupReport | null>(null);
  error = $state.raw<AppError | null>(null);

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
      this.error = AppError.from(thrown);
    }
  }

  async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.error = null;
    this.counts = null;
    this.report = null;
    try {
      this.#work = backUp((counts) => (this.counts = counts));
      this.report = await this.#work.done;
    } catch (thrown) {
      const error = AppError.from(thrown);
      this.error = error.code === 'cancelled' ? null : error;
    } finally {
      this.#work = null;
      this.running = false;
      await this.load();
    }
  }

  cancel(): void {
    this.#work?.cancel();
  }
}
