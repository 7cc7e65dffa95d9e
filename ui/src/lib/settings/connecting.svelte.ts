/**
 * Connecting a bucket, step by step: what was typed, what the bucket does, then either the 24 words
 * of a new vault, three of them asked back, the vault, and the recovery kit; or the vault that is
 * there, opened with its words. Whatever ends the program before the vault is made takes nothing
 * along; afterwards the words are on paper.
 */
import {
  AppError,
  bucketPolicy,
  checkBucket,
  createVault,
  drawWords,
  givePassphrase,
  hardenBucket,
  makeBucket,
  openVault,
  providers,
  saveKit,
  type Bucket,
  type BucketCheck,
  type BucketKeys,
  type Counts,
  type Policy,
  type Provider,
  type Recovery,
  type Work,
  type VaultOpened,
} from '../ipc';
import { words } from '../words';

/** A new vault in an empty bucket, or the one that is there. */
export type Goal = 'new' | 'open';
export type Step = 'form' | 'words' | 'ask' | 'kit' | 'done';

/** Shows what is asked back. */
export interface Asked {
  /** From 1. */
  place: number;
  answer: string;
  wrong: boolean;
}

type Random = () => number;

export class Connecting {
  readonly goal: Goal;
  readonly keysGiven: boolean;
  step = $state<Step>('form');

  providers = $state.raw<Provider[]>([]);
  provider = $state.raw<Provider | null>(null);
  region = $state('');
  account = $state('');
  endpoint = $state('');
  bucket = $state('');
  shareBucket = $state('');
  accessKey = $state('');
  secretKey = $state('');
  passphrase = $state('');
  /** The same, typed again: a slip would lock this computer out. */
  passphraseAgain = $state('');
  /** The words of a vault that is to be opened, as they are typed. */
  typed = $state('');
  library = $state('');

  busy = $state<'' | 'checking' | 'making' | 'hardening' | 'connecting'>('');
  check = $state.raw<BucketCheck | null>(null);
  policy = $state.raw<Policy | null>(null);
  /** The words of a new vault; empty before they are drawn. */
  words = $state.raw<string[]>([]);
  recovery = $state.raw<Recovery | null>(null);
  asked = $state<Asked[]>([]);
  savedTo = $state.raw<string | null>(null);
  opened = $state.raw<VaultOpened | null>(null);
  counts = $state.raw<Counts | null>(null);
  error = $state.raw<AppError | null>(null);
  /** The keyring does not answer: a passphrase is wanted in its place. */
  needsPassphrase = $state(false);

  /** What the check was of: a change of it makes the check stale. */
  #checked = '';
  #work: Work<VaultOpened> | null = null;
  readonly #random: Random;

  constructor(keysGiven: boolean, goal: Goal = 'new', random: Random = Math.random) {
    this.keysGiven = keysGiven;
    this.goal = goal;
    this.#random = random;
  }

  async load(): Promise<void> {
    try {
      this.providers = await providers();
    } catch (thrown) {
      this.error = AppError.from(thrown);
    }
  }

  choose(provider: Provider): void {
    this.provider = provider;
    this.region = provider.regions[0]?.id ?? provider.usualRegion;
    this.endpoint = '';
    this.error = null;
    this.policy = null;
  }

  /** Whether the address follows from provider and region. */
  get patterned(): boolean {
    return (this.provider?.endpoint ?? '') !== '';
  }

  get wantsAccount(): boolean {
    return this.provider?.endpoint.includes('{account}') === true;
  }

  /** The address as the core takes it; null while it is none. */
  address(): string | null {
    const pattern = this.provider?.endpoint ?? '';
    const account = this.account.trim();
    if (pattern.includes('{account}') && !/^[\w.-]+$/.test(account)) return null;
    const text = pattern
      ? pattern.replace('{region}', this.region.trim()).replace('{account}', account)
      : this.endpoint.trim();
    const full = /^https?:\/\//i.test(text) ? text : `https://${text}`;
    if (text === '' || !URL.canParse(full)) return null;
    const url = new URL(full);
    return url.hostname.includes('.') || url.hostname === 'localhost' ? full : null;
  }

  /** What is wrong with the address, where something was typed. */
  get addressWrong(): string | null {
    return this.endpoint.trim() !== '' && this.address() === null
      ? words.connecting.addressWrong
      : null;
  }

  /** What is wrong with the bucket's name, where something was typed. */
  get bucketWrong(): string | null {
    return /^[\w.-]*$/.test(this.bucket.trim()) ? null : words.connecting.bucketWrong;
  }

  /** Whether there is enough to ask the bucket. */
  get complete(): boolean {
    // Both or neither: without keys the AWS tools of this computer are asked.
    const keys = (this.accessKey.trim() === '') === (this.secretKey.trim() === '');
    const bucket = this.bucket.trim() !== '' && this.bucketWrong === null;
    return this.address() !== null && bucket && keys && this.busy === '';
  }

  /** The check, as long as it is of what stands in the form. */
  get current(): BucketCheck | null {
    return this.check && this.#checked === this.#fingerprint() ? this.check : null;
  }

  get wordCount(): number {
    return this.typed.split(/\s+/).filter(Boolean).length;
  }

  /** What is wrong with the second passphrase, once there is one. */
  get againWrong(): string | null {
    return this.passphraseAgain !== '' && this.passphraseAgain !== this.passphrase
      ? words.connecting.passphrasesDiffer
      : null;
  }

  get ready(): boolean {
    const passphrase =
      !this.needsPassphrase ||
      (this.passphrase.length >= 8 && this.passphraseAgain === this.passphrase);
    const words = this.goal === 'new' || (this.wordCount === 24 && this.library.trim() !== '');
    return this.complete && this.current?.usable === true && passphrase && words;
  }

  async look(): Promise<void> {
    await this.#looked('checking', () => checkBucket(this.#bucket(), this.#keys()));
  }

  async make(): Promise<void> {
    await this.#looked('making', () => makeBucket(this.#bucket(), this.#keys()));
  }

  async harden(): Promise<void> {
    await this.#looked('hardening', () => hardenBucket(this.#bucket(), this.#keys()));
  }

  /** The rights the keys need, for the bucket that stands in the form. */
  async showPolicy(): Promise<void> {
    const names = [this.bucket, this.shareBucket].map((name) => name.trim()).filter(Boolean);
    try {
      this.policy = await bucketPolicy(
        this.provider?.id ?? 'other',
        names.length > 0 ? names : ['my-photos'],
      );
    } catch (thrown) {
      this.error = AppError.from(thrown);
    }
  }

  async connect(): Promise<void> {
    if (!this.ready) return;
    await this.#try('connecting', async () => {
      if (this.needsPassphrase) await givePassphrase(this.passphrase);
      if (this.goal === 'new') {
        this.words = await drawWords();
        this.step = 'words';
      } else {
        this.#work = openVault(
          { bucket: this.#bucket(), words: this.typed, library: this.library.trim() },
          this.#keys(),
          (counts) => (this.counts = counts),
        );
        const opened = await this.#work.done;
        if (!opened.enrolled) {
          throw new AppError('no_keyring', words.connecting.notByItself);
        }
        this.opened = opened;
        this.typed = '';
        this.#forgetSecrets();
        this.step = 'done';
      }
    });
    this.counts = null;
    this.#work = null;
  }

  cancel(): void {
    this.#work?.cancel();
  }

  /** Three of the words, at places nobody can guess beforehand. */
  ask(): void {
    const places = new Set<number>();
    while (places.size < 3) places.add(1 + Math.floor(this.#random() * 24));
    this.asked = [...places]
      .sort((a, b) => a - b)
      .map((place) => ({ place, answer: '', wrong: false }));
    this.step = 'ask';
  }

  /** Back to the words: they are still here until the kit was shown. */
  again(): void {
    this.error = null;
    this.step = 'words';
  }

  /** What is on paper is compared; then the vault is made. */
  async answer(): Promise<void> {
    if (this.busy !== '') return;
    for (const asked of this.asked) {
      asked.wrong = asked.answer.trim().toLowerCase() !== this.words[asked.place - 1];
    }
    if (this.asked.some((asked) => asked.wrong)) return;
    await this.#try('connecting', async () => {
      this.recovery = await createVault(this.#bucket(), this.#keys(), this.words);
      this.#forgetSecrets();
      this.step = 'kit';
    });
  }

  async save(): Promise<void> {
    if (!this.recovery) return;
    try {
      this.error = null;
      this.savedTo = (await saveKit(this.recovery, words.connecting.saveKit)) ?? this.savedTo;
    } catch (thrown) {
      this.error = AppError.from(thrown);
    }
  }

  /** The words are nowhere but on paper from here on. */
  forget(): void {
    this.recovery = null;
    this.words = [];
    this.asked = [];
    this.step = 'done';
  }

  #forgetSecrets(): void {
    this.secretKey = '';
    this.passphrase = '';
    this.passphraseAgain = '';
  }

  #bucket(): Bucket {
    return {
      endpoint: this.address() ?? '',
      region: this.region.trim() || 'us-east-1',
      bucket: this.bucket.trim(),
      shareBucket: this.shareBucket.trim() || null,
    };
  }

  #keys(): BucketKeys | null {
    return this.keysGiven || this.accessKey.trim() === ''
      ? null
      : { accessKey: this.accessKey.trim(), secretKey: this.secretKey.trim() };
  }

  #fingerprint(): string {
    return JSON.stringify([this.#bucket(), this.#keys()]);
  }

  async #looked(doing: typeof this.busy, look: () => Promise<BucketCheck>): Promise<void> {
    if (!this.complete) return;
    this.check = null;
    const of = this.#fingerprint();
    await this.#try(doing, async () => {
      this.check = await look();
      this.#checked = of;
    });
  }

  async #try(doing: typeof this.busy, work: () => Promise<void>): Promise<void> {
    this.busy = doing;
    this.error = null;
    try {
      await work();
    } catch (thrown) {
      this.error = AppError.from(thrown);
      if (this.error.code === 'no_keyring') this.needsPassphrase = true;
    } finally {
      this.busy = '';
    }
  }
}
