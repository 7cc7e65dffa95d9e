/** A home: the first folder, the bucket, the recovery words. */
import {
  AppError,
  createVault,
  givePassphrase,
  home,
  setUp,
  type Bucket,
  type BucketKeys,
  type Home,
} from '../ipc';

export class Setup {
  home = $state.raw<Home | null>(null);
  error = $state.raw<AppError | null>(null);
  busy = $state(false);

  /** Asks what is there; whether the library can be shown. */
  async load(): Promise<void> {
    await this.#try(async () => {
      this.home = await home();
    });
  }

  async choose(library: string): Promise<void> {
    await this.#try(async () => {
      this.home = await setUp(library.trim());
    });
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

/** Connecting a bucket: what was typed, and the 24 words at the end. */
export class Connecting {
  endpoint = $state('');
  region = $state('');
  bucket = $state('');
  shareBucket = $state('');
  accessKey = $state('');
  secretKey = $state('');
  passphrase = $state('');

  busy = $state(false);
  words = $state.raw<string[] | null>(null);
  error = $state.raw<AppError | null>(null);
  /** The keyring does not answer: a passphrase is wanted in its place. */
  needsPassphrase = $state(false);

  readonly keysGiven: boolean;

  constructor(keysGiven: boolean) {
    this.keysGiven = keysGiven;
  }

  get ready(): boolean {
    // Both or neither: without keys the AWS tools of this computer are asked.
    const keys = (this.accessKey.trim() === '') === (this.secretKey.trim() === '');
    const passphrase = !this.needsPassphrase || this.passphrase.length >= 8;
    return this.address() !== null && this.bucket.trim() !== '' && keys && passphrase && !this.busy;
  }

  /** What is wrong with the address, where something was typed. */
  get addressWrong(): string | null {
    return this.endpoint.trim() !== '' && this.address() === null
      ? 'An address begins with https://'
      : null;
  }

  /** The address as the core takes it; null while it is none. */
  address(): string | null {
    const text = this.endpoint.trim();
    const full = /^https?:\/\//i.test(text) ? text : `https://${text}`;
    if (text === '' || !URL.canParse(full)) return null;
    const url = new URL(full);
    return url.hostname.includes('.') || url.hostname === 'localhost' ? full : null;
  }

  async connect(): Promise<void> {
    const endpoint = this.address();
    if (!this.ready || endpoint === null) return;
    this.busy = true;
    this.error = null;
    const bucket: Bucket = {
      endpoint,
      region: this.region.trim() || 'us-east-1',
      bucket: this.bucket.trim(),
      shareBucket: this.shareBucket.trim() || null,
    };
    const keys: BucketKeys | null =
      this.accessKey.trim() === ''
        ? null
        : { accessKey: this.accessKey.trim(), secretKey: this.secretKey.trim() };
    try {
      if (this.needsPassphrase) await givePassphrase(this.passphrase);
      this.words = await createVault(bucket, keys);
      this.secretKey = '';
      this.passphrase = '';
    } catch (thrown) {
      this.error = AppError.from(thrown);
      if (this.error.code === 'no_keyring') this.needsPassphrase = true;
    } finally {
      this.busy = false;
    }
  }

  /** The words have been written down: forget them. */
  forget(): void {
    this.words = null;
  }
}
