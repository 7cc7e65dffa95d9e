import { describe, expect, it } from 'vitest';
import { fromBase32, fromBase64Url, hex } from './bytes';
import { parseLink } from './link';

const VIEW =
  'https://bucket.s3.eu-central-1.amazonaws.com/studio/s/aaaqeayeaudaocajbifqydiob4/view' +
  '?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20261120%2Feu-central-1%2Fs3%2Faws4_request' +
  '&X-Amz-Date=20261120T190200Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&x-ds-end=259200' +
  `&X-Amz-Signature=${'a'.repeat(64)}`;
// 32 bytes of 13 and 32 of 0xbc.
const SECRET = 'DQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0';
const SIGNATURE = 'vLy8vLy8vLy8vLy8vLy8vLy8vLy8vLy8vLy8vLy8vLw';
const LINK = `${VIEW}#v1.${SECRET}.1.${SIGNATURE}`;

describe('a link', () => {
  it('leads to its index, signed and ending by itself', () => {
    const link = parseLink(LINK);
    expect(link?.name).toBe('aaaqeayeaudaocajbifqydiob4');
    expect(hex(link?.share ?? new Uint8Array())).toBe('000102030405060708090a0b0c0d0e0f');
    expect(hex(link?.secret ?? new Uint8Array())).toBe('0d'.repeat(32));
    expect(link?.folder).toBe(
      'https://bucket.s3.eu-central-1.amazonaws.com/studio/s/aaaqeayeaudaocajbifqydiob4/',
    );
    expect(link?.end).toBe(Date.parse('2026-11-23T19:02:00Z'));
    expect(link?.index).toBe(
      'https://bucket.s3.eu-central-1.amazonaws.com/studio/s/aaaqeayeaudaocajbifqydiob4/index/1' +
        '?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20261120%2Feu-central-1%2Fs3%2Faws4_request' +
        '&X-Amz-Date=20261120T190200Z&X-Amz-Expires=259200&X-Amz-SignedHeaders=host' +
        `&X-Amz-Signature=${'bc'.repeat(32)}`,
    );
  });

  it.each([
    ['no fragment', VIEW],
    ['a cut signature', LINK.slice(0, -1)],
    ['a cut secret', LINK.slice(0, VIEW.length + 20)],
    ['another version', LINK.replace('#v1.', '#v2.')],
    ['one part too many', `${LINK}.x`],
    ['a number that is none', LINK.replace('.1.', '.0x1.')],
    ['another name', LINK.replace('/view?', '/index?')],
    ['no share', LINK.replace('/aaaqeayeaudaocajbifqydiob4/', '/')],
    ['no end', LINK.replace('&x-ds-end=259200', '')],
    ['no date', LINK.replace('X-Amz-Date=20261120T190200Z', 'X-Amz-Date=today')],
    ['no address', '#v1'],
  ])('with %s is not complete', (_, link) => expect(parseLink(link)).toBeUndefined());
});

describe('letters for bytes', () => {
  it('base64url is canonical and unpadded', () => {
    expect(fromBase64Url('_-8')).toEqual(new Uint8Array([0xff, 0xef]));
    for (const bad of ['_-9', '_-8=', '+/8', 'A']) expect(fromBase64Url(bad)).toBeUndefined();
  });

  it('base32 is canonical and lower case', () => {
    expect(fromBase32('74')).toEqual(new Uint8Array([0xff]));
    for (const bad of ['75', '7', 'A4', '01']) expect(fromBase32(bad)).toBeUndefined();
  });
});
