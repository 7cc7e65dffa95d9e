import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Bytes, concat, hex, utf8 } from './bytes';
import {
  Damaged,
  importKey,
  open,
  passcodeTyped,
  shareKeyBits,
  type ShareKey,
  stretch,
  WrongKey,
} from './crypto';
import { fromHex, seal, vectors } from './sealing.fixture';

interface Vector {
  name: string;
  key?: string;
  context?: string;
  salt?: string;
  len_plain?: number;
  len_cipher?: number;
  sha256_cipher?: string;
  cipher_prefix?: string;
  expect?: string;
}

const all = vectors('cobblestone256.json') as Vector[];
const derive = all.find(({ name }) => name === 'derive');
if (derive?.key === undefined || derive.salt === undefined || derive.context === undefined) {
  throw new Error('the vectors begin with a derivation');
}
const KEY = fromHex(derive.key);
const SALT = fromHex(derive.salt);
const CONTEXT = derive.context;

/** The vectors' public plaintext. */
function pattern(length: number): Bytes {
  const block = createHash('sha256').update('darkslide-test-plaintext').digest();
  return Uint8Array.from({ length }, (_, at) => block[at % 32] ?? 0);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function key(): Promise<ShareKey> {
  return importKey(KEY);
}

describe('a sealed object', () => {
  const valid = all.filter(({ expect }) => expect === 'success');

  it('has known answers of nine lengths', () => expect(valid).toHaveLength(9));

  it.each(valid)('$name opens as it was sealed', async (vector) => {
    const plain = pattern(vector.len_plain ?? -1);
    const sealed = await seal(await key(), SALT, CONTEXT, plain);
    expect(hex(sealed).startsWith(vector.cipher_prefix ?? 'none')).toBe(true);
    expect(sha256(sealed)).toBe(vector.sha256_cipher);
    expect(await open(await key(), CONTEXT, sealed)).toEqual(plain);
  });

  const full = 16_384 + 16;
  const head = 56;
  const broken: Record<string, (c: Bytes, other: Bytes) => Bytes> = {
    trunc_at_chunk_boundary: (c) => c.slice(0, head + 2 * full),
    trunc_drop_final_chunk: (c) => c.slice(0, head + 3 * full),
    trunc_mid_chunk: (c) => c.slice(0, head + full + 100),
    trunc_inside_tag: (c) => c.slice(0, head + 3 * full + 8),
    header_only: (c) => c.slice(0, head),
    header_short: (c) => c.slice(0, 55),
    empty: () => new Uint8Array(0),
    swap_chunk_0_1: (c) =>
      concat(
        c.slice(0, head),
        c.slice(head + full, head + 2 * full),
        c.slice(head, head + full),
        c.slice(head + 2 * full),
      ),
    duplicate_chunk_0: (c) => concat(c.slice(0, head), c.slice(head, head + full), c.slice(head)),
    drop_chunk_1: (c) => concat(c.slice(0, head + full), c.slice(head + 2 * full)),
    splice_other_object_chunk: (c, other) =>
      concat(c.slice(0, head), other.slice(head, head + full), c.slice(head + full)),
    final_as_middle_plus_final: (c) => concat(c, c.slice(head + 3 * full)),
    trailing_garbage_1: (c) => concat(c, new Uint8Array(1)),
    trailing_garbage_16: (c) => concat(c, new Uint8Array(16)),
    bitflip_salt: (c) => flip(c, 0),
    bitflip_commitment: (c) => flip(c, 24),
    bitflip_chunk1_body: (c) => flip(c, head + full + 5),
    bitflip_last_tag: (c) => flip(c, c.length - 1),
    other_object_header: (c, other) => concat(other.slice(0, head), c.slice(head)),
  };
  const changed = all.filter(({ expect, key }) => expect === 'failure' && key === undefined);

  it('is broken in every way the vectors know', () =>
    expect(Object.keys(broken).sort()).toEqual(changed.map(({ name }) => name).sort()));

  it.each(changed)('$name does not open', async (vector) => {
    const whole = await seal(await key(), SALT, CONTEXT, pattern(49_153));
    const other = await seal(await key(), new Uint8Array(24), CONTEXT, pattern(49_153));
    const bad = broken[vector.name]?.(whole, other) ?? whole;
    const wasMade = vector.name.startsWith('bitflip') || sha256(bad) === vector.sha256_cipher;
    expect(wasMade, 'the broken object is the one of the vectors').toBe(true);
    const opened = open(await key(), CONTEXT, bad);
    await expect(opened).rejects.toSatisfy((e) => e instanceof Damaged || e instanceof WrongKey);
  });

  const elsewhere = all.filter(({ expect, key }) => expect === 'failure' && key !== undefined);
  it.each(elsewhere)('$name is told apart from damage', async (vector) => {
    const sealed = await seal(await key(), SALT, CONTEXT, pattern(49_153));
    const wrong = await importKey(fromHex(vector.key ?? ''));
    await expect(open(wrong, vector.context ?? '', sealed)).rejects.toBeInstanceOf(WrongKey);
  });
});

function flip(bytes: Bytes, at: number): Bytes {
  const changed = bytes.slice();
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

describe('the key of a share', () => {
  const known = vectors('hierarchy.json') as Record<string, string>;
  const secret = fromHex(known['share_secret'] ?? '');
  const share = fromHex(known['share_id'] ?? '');

  it('comes from the secret alone', async () =>
    expect(hex(await shareKeyBits(secret, share))).toBe(known['share_key']));

  it('comes from secret and passcode', async () => {
    const stretched = await stretch('ABCD2345', share);
    expect(hex(stretched)).toBe(known['share_passcode_pbkdf2_600k']);
    expect(hex(await shareKeyBits(secret, share, stretched))).toBe(
      known['share_key_with_passcode'],
    );
  });
});

describe('a passcode', () => {
  it.each(['7Q4M-1K0D', '7q4m1k0d', ' 7q4m lkOd ', '7Q4M-IKOD', '7-Q-4-M-L-K-o-D', '7Q4M–1K0D'])(
    'typed as %s is the same',
    (typed) => expect(passcodeTyped(typed)).toBe('7Q4M-1K0D'),
  );

  it.each(['', '7Q4M-1K0', '7Q4M-1K0DX', '7Q4M-1K0U', '7Q4M-1K0é'])('%s is none', (typed) =>
    expect(passcodeTyped(typed)).toBeUndefined(),
  );
});

it('utf-8 is what contexts are made of', () =>
  expect(hex(utf8('darkslide/1|ü'))).toBe('6461726b736c6964652f317cc3bc'));
