import { counts } from './common';

/** A bucket of one's own: named, tried out, connected; the 24 words and the kit. */
export const connecting = {
  steps: {
    connect: 'Connect a bucket',
    open: 'Open a vault',
    words: 'Your 24 words',
    ask: 'Three of them, to be sure',
    kit: 'Your recovery kit',
  },
  newText:
    'Your own bucket holds the second copy. Photos are encrypted here before they go there; the provider sees nothing but noise.',
  openText:
    'Name the bucket your vault is in. Its catalogue and small pictures come first; originals when you ask for them.',
  provider: 'Provider',
  account: 'Account’s id',
  address: 'Address',
  addressExample: 'https://s3.example.com',
  addressWrong: 'An address begins with https://',
  region: 'Region',
  regionExample: 'us-east-1',
  regionNamed: (name: string, id: string) => `${name} (${id})`,
  bucket: 'Bucket',
  bucketExample: 'my-photos',
  bucketWrong: 'Letters, digits, dots and dashes only',
  keysGiven: 'The keys come from the environment this program was started in.',
  accessKey: 'Access key',
  accessKeyHint: 'Empty: those of this computer’s AWS tools.',
  secretKey: 'Secret key',
  secretKeyHint: 'Kept in the system’s keyring.',
  secretKeyNotKept: 'Not kept without a keyring: it is asked for again.',

  renew: 'New keys…',
  renewTitle: (bucket: string) => `New keys for ${bucket}`,
  renewText:
    'Make new ones with your storage provider. They are tried out first, and kept in this system’s keyring. Your 24 words stay as they are.',
  aBucket: 'the bucket',
  tryingKeys: 'Trying them…',
  useKeys: 'Use these keys',
  typed: 'The 24 words, from your recovery kit',
  typedCount: (words: number) => `${words} of 24 words`,
  library: 'Library',
  ifYouKeep: 'If you keep',
  /** Before and after the sum, which stands out. */
  about: 'about',
  aMonth: (back: string | null) =>
    back === null ? 'a month' : `a month, and ${back} to bring all of it back once`,
  estimate: (asOf: string, note: string) => `An estimate of ${asOf}, before taxes. ${note}`,
  rights: 'What these keys should be allowed to do',
  rightsText: 'Rights for the keys',
  ownBucket: 'A bucket of its own for clients’ links',
  shareBucket: 'Bucket for shares',
  shareBucketExample: 'The same',
  shareBucketHint: 'Not needed. Some keep what clients see apart from the vault.',
  passphraseText:
    'A passphrase guards the vault’s key on this computer in its place. You will be asked for it after each start, before photos go to the bucket.',
  passphraseHint: 'At least 8 characters.',
  onceMore: 'Once more',
  passphrasesDiffer: 'These two differ.',
  notByItself: 'this computer cannot open the vault by itself yet',

  usable: 'This bucket can hold your photos',
  unusable: 'This bucket cannot be used yet',
  tried: (good: number, unknown: number) =>
    `${counts.things(good)} tried out and good${unknown > 0 ? `, ${unknown} the store does not say` : ''}`,
  make: (bucket: string) => `Make the bucket “${bucket}”`,
  making: 'Making it…',
  setting: 'Setting it…',
  connect: 'Connect',
  connecting: 'Connecting…',
  openVault: 'Open the vault',
  opening: 'Opening…',

  /** Around what stands out. */
  wordsOpen:
    'These words open your photos on any computer, together with the bucket. They are shown',
  thisOnce: 'this once',
  wordsWrite: '. Write them on paper, in this order.',
  wordsKeep:
    'Whoever has the words and your bucket has your photos. Without them nobody can help, not even we.',
  written: 'I have written them down',
  again: 'Show the words again',
  compare: 'Compare',
  fromPaper: 'From your paper: what are these three?',
  word: (place: number) => `Word ${place}`,
  notThisOne: 'Not this one. Look at the words again.',
  kitText:
    'One page with everything another computer needs. Print it and keep it where you keep your passport.',
  saveKit: 'Save the recovery kit',
  saveAs: 'Save as a file…',
  saved: (path: string) => `Saved as ${path}. Print it, then delete it: it opens everything.`,
  print: 'Print…',
  continue: 'Continue',

  kit: {
    title: 'Darkslide recovery kit',
    below: 'Below',
    vault: 'Vault',
    made: 'Made',
    code: 'The same as a QR code',
    how: 'On a new computer: install Darkslide, choose “Open a vault”, give the address, the bucket, its keys from your provider and these words. Whoever finds this page and gets into your account with the provider has your photos.',
  },
};
