/**
 * Opening what lies in the share: keys from the link and the passcode, and sealed objects.
 *
 * An object is C2SP chunked-encryption@v1, instance Cobblestone-256:
 *
 *     salt[24] | commitment[32] | chunk 0 | ... | last chunk      each chunk = ciphertext + tag[16]
 *
 * The last chunk is always shorter than 16 KiB, so a cut, a swap or a trailing byte fails. WebCrypto's
 * HKDF always extracts first; the expansion alone is done here with its HMAC.
 */
import { type Bytes, concat, utf8 } from './bytes';

const CHUNK = 16_384;
const TAG = 16;
const SALT = 24;
const HEADER = SALT + 32;
const LABEL = utf8('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0');
const PASSCODE_ROUNDS = 600_000;
/** Chunks handed to WebCrypto at once: enough to keep it busy, few enough for a phone's memory. */
const BATCH = 64;

/** The key or the context is another one: a wrong passcode, or a damaged link. */
export class WrongKey extends Error {
  override name = 'WrongKey';
}

/** The key fits, the bytes are not those that were sealed. */
export class Damaged extends Error {
  override name = 'Damaged';
}

/** The key of one share, as the HMAC key its objects' keys are expanded from. */
export type ShareKey = CryptoKey & { readonly __share: unique symbol };

export async function importKey(raw: Bytes): Promise<ShareKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-512' };
  return (await crypto.subtle.importKey('raw', raw, algorithm, false, ['sign'])) as ShareKey;
}

/** The key of a share without, or with, a passcode (in its written form `XXXX-XXXX`). */
export async function shareKey(secret: Bytes, share: Bytes, passcode?: string): Promise<ShareKey> {
  return importKey(await shareKeyBits(secret, share, passcode && (await stretch(passcode, share))));
}

export async function shareKeyBits(
  secret: Bytes,
  share: Bytes,
  stretched?: Bytes | '',
): Promise<Bytes> {
  const ikm = stretched ? concat(secret, stretched) : secret;
  const info = stretched ? 'darkslide/1/share/passcode' : 'darkslide/1/share';
  const key = await crypto.subtle.importKey('raw', ikm, 'HKDF', false, ['deriveBits']);
  const how = { name: 'HKDF', hash: 'SHA-512', salt: share, info: utf8(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

/** Makes guessing a passcode slow: PBKDF2, salted with the share's id. */
export async function stretch(passcode: string, share: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', utf8(passcode), 'PBKDF2', false, ['deriveBits']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt: share, iterations: PASSCODE_ROUNDS };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

/**
 * The written form of a passcode as a person typed it, or `undefined` when it cannot be one.
 * Case, spaces and dashes do not matter; O is 0, I and L are 1.
 */
export function passcodeTyped(text: string): string | undefined {
  const letters = text
    .toUpperCase()
    .replace(/[\s\-‐-―]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
  if (!/^[0-9A-HJKMNP-TV-Z]{8}$/.test(letters)) return undefined;
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** Opens a sealed object whole. */
export async function open(key: ShareKey, context: string, sealed: Bytes): Promise<Bytes> {
  if (sealed.length < HEADER) throw new Damaged('too short');
  const message = await expand(key, concat(LABEL, sealed.slice(0, SALT), utf8(context)), 76);
  if (!equal(message.subarray(44), sealed.subarray(SALT, HEADER))) throw new WrongKey('commitment');

  const body = sealed.subarray(HEADER);
  const full = CHUNK + TAG;
  const last = body.length % full;
  if (last < TAG) throw new Damaged('cut off');
  const chunks = Math.floor(body.length / full) + 1;
  const plain = new Uint8Array(body.length - chunks * TAG);

  const aes = await crypto.subtle.importKey('raw', message.slice(0, 32), 'AES-GCM', false, [
    'decrypt',
  ]);
  const nonce = message.slice(32, 44);
  const one = async (index: number): Promise<void> => {
    const how = { name: 'AES-GCM', iv: nonceOf(nonce, index), tagLength: TAG * 8 };
    const chunk = body.subarray(index * full, Math.min((index + 1) * full, body.length));
    try {
      plain.set(new Uint8Array(await crypto.subtle.decrypt(how, aes, chunk)), index * CHUNK);
    } catch {
      throw new Damaged(`chunk ${index}`);
    }
  };
  for (let start = 0; start < chunks; start += BATCH) {
    const batch: Promise<void>[] = [];
    for (let index = start; index < Math.min(start + BATCH, chunks); index++)
      batch.push(one(index));
    await Promise.all(batch);
  }
  return plain;
}

/** HKDF-Expand-SHA-512 alone. */
export async function expand(key: CryptoKey, info: Bytes, length: number): Promise<Bytes> {
  const out = new Uint8Array(Math.ceil(length / 64) * 64);
  let block: Bytes = new Uint8Array(0);
  for (let count = 1; (count - 1) * 64 < length; count++) {
    const signed = await crypto.subtle.sign(
      'HMAC',
      key,
      concat(block, info, new Uint8Array([count])),
    );
    block = new Uint8Array(signed);
    out.set(block, (count - 1) * 64);
  }
  return out.slice(0, length);
}

function nonceOf(base: Bytes, index: number): Bytes {
  const nonce = base.slice();
  const view = new DataView(nonce.buffer);
  view.setUint32(8, view.getUint32(8) ^ index);
  return nonce;
}

function equal(one: Uint8Array, two: Uint8Array): boolean {
  if (one.length !== two.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at++) difference |= (one[at] ?? 0) ^ (two[at] ?? 0);
  return difference === 0;
}
