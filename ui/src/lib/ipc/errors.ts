import { words } from '../words';
import type { AppError } from './call';

/** An error in three sentences. */
export interface ErrorText {
  /** What happened. */
  what: string;
  /** What is safe in spite of it. */
  safe: string;
  /** What to do. */
  next: string;
}

/** Whether a passphrase may help. */
export function wantsPassphrase(error: AppError | null): boolean {
  return error?.code === 'no_keyring' || error?.code === 'wrong_key';
}

/** Whether other keys to the bucket may help. */
export function wantsKeys(error: AppError | null): boolean {
  return error?.code === 'forbidden' || error?.code === 'no_credentials';
}

export function errorText(error: AppError): ErrorText {
  return words.errors[error.code];
}
