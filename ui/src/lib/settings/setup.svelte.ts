/** A home: the first folder, photos that are in it already, the bucket. */
import {
  adopt,
  AppError,
  home,
  lock,
  setUp,
  type AdoptReport,
  type Counts,
  type Home,
  type Work,
} from '../ipc';
import { Connecting, type Goal } from './connecting.svelte';

export { Connecting } from './connecting.svelte';

/** How a home begins. */
export type Beginning = 'new' | 'adopt' | 'open';
/** Where the first run stands; `over` once there is a library to look at. */
export type Stage = 'library' | 'adopting' | 'adopted' | 'bucket' | 'over';

export class Setup {
  home = $state.raw<Home | null>(null);
  error = $state.raw<AppError | null>(null);
  busy = $state(false);

  stage = $state<Stage>('over');
  beginning = $state<Beginning>('new');
  library = $state('');
  counts = $state.raw<Counts | null>(null);
  adopted = $state.raw<AdoptReport | null>(null);
  stopping = $state(false);
  connecting = $state.raw<Connecting | null>(null);

  #work: Work<AdoptReport> | null = null;

  /** Asks what is there; whether the library can be shown. */
  async load(): Promise<void> {
    await this.#try(async () => {
      this.home = await home();
      if (this.home.library === null && this.stage === 'over') {
        this.stage = 'library';
        this.library = this.home.suggestedLibrary;
      }
    });
  }

  /** Closes the window to whoever has no passphrase; without a lock nothing happens. */
  async lock(): Promise<void> {
    try {
      if (!(await lock())) return;
      this.home = null;
      await this.load();
    } catch (thrown) {
      this.error = AppError.from(thrown);
    }
  }

  begin(beginning: Beginning): void {
    this.beginning = beginning;
    this.error = null;
  }

  /** The library is chosen: it is made, or looked through, or filled from a bucket. */
  async choose(): Promise<void> {
    if (this.beginning === 'open') {
      this.#connect('open');
      return;
    }
    await this.#try(async () => {
      this.home = await setUp(this.library.trim());
    });
    if (this.error) return;
    if (this.beginning === 'adopt') await this.adopt();
    else this.#connect('new');
  }

  async adopt(): Promise<void> {
    this.stage = 'adopting';
    this.stopping = false;
    await this.#try(async () => {
      this.#work = adopt(this.library.trim(), (counts) => (this.counts = counts));
      this.adopted = await this.#work.done;
    });
    this.#work = null;
    this.stage = 'adopted';
  }

  stop(): void {
    this.stopping = true;
    this.#work?.cancel();
  }

  bucket(): void {
    this.#connect('new');
  }

  back(): void {
    this.connecting = null;
    this.stage = 'library';
  }

  /** On to the library. */
  async finish(): Promise<void> {
    this.connecting = null;
    this.stage = 'over';
    await this.load();
  }

  #connect(goal: Goal): void {
    this.connecting = new Connecting(this.home?.keysGiven ?? false, goal);
    this.connecting.library = this.library.trim();
    void this.connecting.load();
    this.stage = 'bucket';
  }

  async #try(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.error = null;
    try {
      await work();
    } catch (thrown) {
      this.error = AppError.from(thrown);
    } finally {
      this.busy = false;
    }
  }
}
