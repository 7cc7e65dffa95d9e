/** The other side of `crypto.ts`, for tests: seals as the program does, and reads the shared vectors. */
import { readFileSync } from 'node:fs';
import { type Bytes, concat, utf8 } from './bytes';
import { expand, type ShareKey } from './crypto';

const LABEL = utf8('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0');

export async function seal(
  key: ShareKey,
  salt: Bytes,
  context: string,
  plain: Bytes,
): Promise<Bytes> {
  const message = await expand(key, concat(LABEL, salt, utf8(context)), 76);
  const raw = message.slice(0, 32);
  const aes = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt']);
  const parts = [salt, message.slice(44)];
  for (let index = 0; index <= Math.floor(plain.length / 16_384); index++) {
    const nonce = message.slice(32, 44);
    const view = new DataView(nonce.buffer);
    view.setUint32(8, view.getUint32(8) ^ index);
    const chunk = plain.slice(index * 16_384, (index + 1) * 16_384);
    const how = { name: 'AES-GCM', iv: nonce };
    parts.push(new Uint8Array(await crypto.subtle.encrypt(how, aes, chunk)));
  }
  return concat(...parts);
}

export function fromHex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** A file of the vectors that the Rust tests use too. */
export function vectors(name: string): unknown {
  const url = new URL(`../../tests/fixtures/vectors/${name}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}
