/** Every error in three sentences at most: what happened, what is safe, what to do. */
import type { Code } from '../../ipc/bindings';

interface ErrorWords {
  what: string;
  safe: string;
  next: string;
}

// A code without words does not compile.
export const errors: Record<Code, ErrorWords> = {
  usage: {
    what: 'That does not work as it was asked for.',
    safe: 'Nothing was changed.',
    next: 'Look at the choices again.',
  },
  io: {
    what: 'A file or folder could not be read or written.',
    safe: 'Everything verified before it is safe.',
    next: 'Check that the disk is connected and may be written to, then try again.',
  },
  disk_full: {
    what: 'The disk is full.',
    safe: 'Everything verified so far is safe, and half a file was not kept.',
    next: 'Make room, then start again: it goes on where it stopped.',
  },
  card_gone: {
    what: 'The card went away.',
    safe: 'Everything verified so far is safe. The card was not written to.',
    next: 'Put the card in and import again: it goes on where it stopped.',
  },
  library_away: {
    what: 'The library’s folder is not there.',
    safe: 'The catalogue and the previews are on this computer.',
    next: 'Connect the disk the library is on, then try again.',
  },
  no_catalog: {
    what: 'There is no catalogue here yet.',
    safe: 'Nothing was changed.',
    next: 'Choose a folder for your photos to begin.',
  },
  catalog_locked: {
    what: 'Another Darkslide has this catalogue open.',
    safe: 'Your photos are safe: only one program writes at a time.',
    next: 'Close the other window or wait for its command to end, then try again.',
  },
  catalog_newer: {
    what: 'This catalogue was written by a newer Darkslide.',
    safe: 'Nothing was changed.',
    next: 'Install the newer version to open it.',
  },
  catalog_damaged: {
    what: 'The catalogue is damaged.',
    safe: 'The photos themselves are plain files in the library and were not touched.',
    next: 'Rename the folder Darkslide keeps it in and start again: then open your vault with its 24 words, or, without a bucket, take the library in where it is.',
  },
  not_found: {
    what: 'That is not there.',
    safe: 'Nothing was changed.',
    next: 'Check the name or the folder; a card or a disk may have been taken out.',
  },
  bad_query: {
    what: 'The search could not be understood.',
    safe: 'Nothing was changed.',
    next: 'Try plain words, or terms such as rating>=4 or date:2026-05.',
  },
  no_vault: {
    what: 'No bucket is connected yet.',
    safe: 'Your photos are on this computer.',
    next: 'Connect a bucket to back up and to share.',
  },
  vault_exists: {
    what: 'This bucket holds a vault already.',
    safe: 'It was not touched.',
    next: 'Choose another bucket, or open that vault with its 24 words.',
  },
  wrong_key: {
    what: 'The key does not open this vault.',
    safe: 'Nothing was changed.',
    next: 'Check the passphrase or the words and try again.',
  },
  bad_words: {
    what: 'The recovery words are not right.',
    safe: 'Nothing was changed.',
    next: 'Check the spelling and the order of all 24.',
  },
  no_keyring: {
    what: 'This system’s keyring does not answer.',
    safe: 'Nothing was changed.',
    next: 'Unlock the keyring, or give the vault a passphrase.',
  },
  locked: {
    what: 'The window is locked.',
    safe: 'Everything is as it was; work that runs goes on.',
    next: 'Unlock it with its passphrase.',
  },
  damaged: {
    what: 'What was read is not what was written.',
    safe: 'The damaged copy was not used and not passed on.',
    next: 'Keep every other copy, and try again.',
  },
  rolled_back: {
    what: 'The bucket shows an older state than this computer has seen.',
    safe: 'Your photos on this computer are untouched, and nothing was uploaded.',
    next: 'Find out who changed the bucket before you go on.',
  },
  offline: {
    what: 'The bucket does not answer.',
    safe: 'Your photos are on this computer; importing and sorting work without it.',
    next: 'Check the connection, then try again.',
  },
  no_credentials: {
    what: 'There are no keys to the bucket here.',
    safe: 'Your photos are on this computer, and what reached the bucket stays there.',
    next: 'If this system’s keyring is locked, unlock it and try again. Otherwise give the keys anew.',
  },
  forbidden: {
    what: 'The bucket refuses these keys.',
    safe: 'Your photos are on this computer, and what reached the bucket stays there.',
    next: 'Give new keys if these have ended, or mend their rights with your storage provider. A backup goes on where it stopped.',
  },
  no_bucket: {
    what: 'There is no bucket of this name.',
    safe: 'Nothing was changed.',
    next: 'Check the name, the region and the address.',
  },
  clock_skew: {
    what: 'This computer’s clock is too far from the bucket’s.',
    safe: 'Nothing was changed.',
    next: 'Set the clock, then try again.',
  },
  store: {
    what: 'The bucket gave an answer that makes no sense here.',
    safe: 'Your photos are on this computer.',
    next: 'Try again. If it stays so, ask your storage provider, with the details below.',
  },
  cancelled: {
    what: 'Stopped.',
    safe: 'Everything finished before it is kept.',
    next: 'Start again whenever you like: it goes on where it stopped.',
  },
  internal: {
    what: 'The program made a mistake.',
    safe: 'Photos that were verified are safe.',
    next: 'Try again. If it stays so, report it with the details below.',
  },
};
