/** Text and numbers from and to bytes: base64url, base32, hex, UTF-8. */

export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

export function concat(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** `undefined` for anything but canonical base64url without padding. */
export function fromBase64Url(text: string): Bytes | undefined {
  return decode(text, BASE64URL, 6);
}

/** `undefined` for anything but canonical lower-case base32 without padding. */
export function fromBase32(text: string): Bytes | undefined {
  return decode(text, BASE32, 5);
}

function decode(text: string, alphabet: string, bits: number): Bytes | undefined {
  const whole = Math.floor((text.length * bits) / 8);
  if (Math.ceil((whole * 8) / bits) !== text.length) return undefined;
  const bytes = new Uint8Array(whole);
  let held = 0;
  let value = 0;
  let at = 0;
  for (const letter of text) {
    const digit = alphabet.indexOf(letter);
    if (digit < 0) return undefined;
    value = (value << bits) | digit;
    held += bits;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = value >>> held;
      value &= (1 << held) - 1;
    }
  }
  return value === 0 ? bytes : undefined;
}
