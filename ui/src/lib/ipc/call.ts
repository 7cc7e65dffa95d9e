// The one place that speaks to the shell. Everything it throws is an AppError with a code.
import { Channel, convertFileSrc, invoke, type InvokeArgs } from '@tauri-apps/api/core';

import type { Code, Counts, WireError } from './bindings';

export { Channel };

/** What went wrong in the core or the shell; `errors.ts` has the words for each code. */
export class AppError extends Error {
  readonly code: Code;
  readonly detail: string | null;

  constructor(code: Code, message: string, detail: string | null = null) {
    super(message);
    this.name = 'AppError';
    this.code = code;
    this.detail = detail;
  }

  /** Whatever was thrown, as an AppError. */
  static from(thrown: unknown): AppError {
    if (thrown instanceof AppError) return thrown;
    if (isWireError(thrown)) return new AppError(thrown.code, thrown.message, thrown.detail);
    // Tauri itself rejects with plain text: a missing command, a bad argument.
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    return new AppError('internal', text);
  }
}

function isWireError(thrown: unknown): thrown is WireError {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown;
}

export async function call<T>(command: string, args: InvokeArgs = {}): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (thrown) {
    throw AppError.from(thrown);
  }
}

/** Long work: it tells how far it is, and can be stopped. */
export interface Work<T> {
  readonly done: Promise<T>;
  /** Asks the work to stop; `done` then rejects with the code `cancelled`. */
  cancel(): void;
}

export type OnCounts = (counts: Counts) => void;

export function work<T>(
  command: string,
  args: Record<string, unknown>,
  onCounts: OnCounts,
): Work<T> {
  const job = crypto.randomUUID();
  const channel = new Channel<Counts>();
  channel.onmessage = onCounts;
  return {
    done: call<T>(command, { ...args, job, channel }),
    // The work may have just ended: then there is nothing to stop, and nothing to say.
    cancel: () => void call('cancel_job', { job }).catch(() => undefined),
  };
}

/** `full` is every pixel of the original. */
export type PreviewSize = 'thumb' | 'view' | 'full';

/** Where the web view fetches a preview from. */
export function previewUrl(photo: string, size: PreviewSize): string {
  return `${convertFileSrc(photo, 'preview')}/${size}`;
}

/** Where the web view plays a film from, or fetches the piece of it that begins at `from`. */
export function filmUrl(photo: string, from?: number): string {
  const url = `${convertFileSrc(photo, 'preview')}/film`;
  return from === undefined ? url : `${url}?from=${from}`;
}

/** Where the web view fetches a picture from that is still on its card. */
export function cardPictureUrl(card: string, number: number): string {
  return `${convertFileSrc('card', 'preview')}/${card}/${number}`;
}
