/**
 * Fetching from the bucket, and what its refusals mean.
 *
 * A store checks a signature before it looks for the object, so a refusal after the end says nothing
 * about what still lies there; the end itself is known from the link. Before the end, what cannot be
 * had was taken away. Services word it differently: 404 where listing is allowed, else 403; 400 or
 * 403 for an ended signature. Time is the store's own, from its answers, not this computer's.
 */
import type { Bytes } from './bytes';

export type Refusal = 'ended' | 'revoked' | 'damaged' | 'trouble';

/** The store has answered, but not with the object. */
export class Refused extends Error {
  override name = 'Refused';
  constructor(readonly why: Refusal) {
    super(why);
  }
}

/** Nothing answers. */
export class Offline extends Error {
  override name = 'Offline';
}

/** Pauses before the second, third, .. try, in milliseconds. */
const PAUSES = [400, 1500, 4000];

/** The store's clock minus this computer's. */
let ahead = 0;

/** What the store's clock says now. */
export function storeNow(): number {
  return Date.now() + ahead;
}

export interface Wish {
  readonly end: number;
  readonly signal?: AbortSignal;
  /** What is fetched may change under its address. */
  readonly fresh?: boolean;
  /** Hears how many bytes have come. */
  readonly heard?: (bytes: number) => void;
}

/** Fetches an object whole; tries again what may pass. */
export async function fetchObject(address: string, wish: Wish): Promise<Bytes> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await once(address, wish);
    } catch (error) {
      const passes =
        error instanceof Offline || (error instanceof Refused && error.why === 'trouble');
      const pause = PAUSES[attempt];
      if (!passes || pause === undefined) throw error;
      await sleep(pause, wish.signal);
    }
  }
}

async function once(address: string, wish: Wish): Promise<Bytes> {
  const { signal, heard } = wish;
  let answer: Response;
  try {
    answer = await fetch(address, {
      cache: wish.fresh ? 'no-store' : 'default',
      credentials: 'omit',
      mode: 'same-origin',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Offline();
  }
  const said = Date.parse(answer.headers.get('date') ?? '');
  // Whole seconds, and an answer kept by a cache is older: only what cannot be rounding counts.
  if (wish.fresh && !Number.isNaN(said))
    ahead = Math.abs(said - Date.now()) < 5000 ? 0 : said - Date.now();
  try {
    if (!answer.ok)
      throw new Refused(refusal(answer.status, await answer.text(), storeNow(), wish.end));
    return heard ? await listened(answer, heard) : new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    if (error instanceof Refused || signal?.aborted) throw error;
    throw new Offline();
  }
}

async function listened(answer: Response, heard: (bytes: number) => void): Promise<Bytes> {
  const reader = answer.body?.getReader();
  if (!reader) return new Uint8Array(await answer.arrayBuffer());
  const pieces: Bytes[] = [];
  let total = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    total += value.length;
    heard(total);
  }
  const whole = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** What a refusal means, by its status, the store's words and the time. */
export function refusal(status: number, body: string, now: number, end: number): Refusal {
  if (status === 429 || status >= 500) return 'trouble';
  if (now >= end || /expired/i.test(body)) return 'ended';
  if (status === 404) return 'revoked';
  if (/SignatureDoesNotMatch|invalid signature|AuthorizationQueryParametersError/i.test(body))
    return 'damaged';
  if (status === 403) return 'revoked';
  return status === 400 ? 'damaged' : 'trouble';
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('stopped'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
