/**
 * What the page's own address says. See `share/link.rs`:
 *
 *     <address of view>#v1.<secret, base64url>.<n>.<the index's signature, base64url>
 *
 * The index's address is that of this page with another name, lifetime and signature. The lifetime
 * stands in this page's signed query, so the page knows the end before it asks anybody.
 */
import { type Bytes, fromBase32, fromBase64Url, hex } from './bytes';

export interface Link {
  /** The share's id as bytes, and as its name in the bucket. */
  readonly share: Bytes;
  readonly name: string;
  readonly secret: Bytes;
  readonly n: number;
  /** Where the share's objects lie: the address up to and with the last slash. */
  readonly folder: string;
  readonly index: string;
  /** When the share ends, in Unix milliseconds. */
  readonly end: number;
}

/** Reads an address; `undefined` when it is incomplete or damaged. */
export function parseLink(address: string): Link | undefined {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return undefined;
  }
  const [version, secretText = '', number = '', signatureText = '', ...more] = url.hash
    .slice(1)
    .split('.');
  const secret = fromBase64Url(secretText);
  const signature = fromBase64Url(signatureText);
  if (version !== 'v1' || more.length > 0 || !/^[1-9]\d{0,8}$/.test(number)) return undefined;
  if (secret?.length !== 32 || signature?.length !== 32) return undefined;

  const path = /^(.*\/([a-z2-7]{26})\/)view$/.exec(url.pathname);
  const share = path?.[2] === undefined ? undefined : fromBase32(path[2]);
  if (path?.[1] === undefined || path[2] === undefined || share?.length !== 16) return undefined;

  const signedAt = signingTime(url.searchParams.get('X-Amz-Date'));
  const seconds = Number(url.searchParams.get('x-ds-end') ?? Number.NaN);
  if (signedAt === undefined || !Number.isSafeInteger(seconds) || seconds < 1) return undefined;

  // The query is taken as text: its spelling is part of what was signed.
  const query = url.search
    .slice(1)
    .split('&')
    .filter((pair) => !pair.startsWith('x-ds-end='))
    .map((pair) => {
      if (pair.startsWith('X-Amz-Expires=')) return `X-Amz-Expires=${seconds}`;
      if (pair.startsWith('X-Amz-Signature=')) return `X-Amz-Signature=${hex(signature)}`;
      return pair;
    })
    .join('&');
  const folder = `${url.origin}${path[1]}`;
  return {
    share,
    name: path[2],
    secret,
    n: Number(number),
    folder,
    index: `${folder}index/${number}?${query}`,
    end: signedAt + seconds * 1000,
  };
}

function signingTime(text: string | null): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '');
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  const time = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  return Number.isFinite(time) ? time : undefined;
}
