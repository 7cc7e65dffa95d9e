import { describe, expect, it } from 'vitest';
import { readAlbum } from './album';
import { type Bytes, concat, utf8 } from './bytes';
import { Damaged } from './crypto';

const FOLDER = 'https://host/b/s/abc/';

function good(): Record<string, unknown> {
  return {
    v: 1,
    title: 'Jürgen & Ana <3',
    created: '2026-11-20T19:02:00Z',
    end: '2026-11-23T19:02:00Z',
    rights: { save: true, originals: 'none', watermark: false },
    template: `${FOLDER}{item}?a=b&X-Amz-Signature={signature}`,
    items: [
      ['one', 100],
      ['two', 2000],
    ],
    photos: [{ name: 'IMG_1.jpg', width: 2048, height: 1365, thumb: 0, view: 1 }],
  };
}

function plain(json: unknown, signatures = 2): Bytes {
  const text = utf8(JSON.stringify(json));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, text.length);
  return concat(length, text, new Uint8Array(32 * signatures).fill(0xab));
}

describe('an index', () => {
  it('gives the album and an address for each item', () => {
    const album = readAlbum(plain(good()), FOLDER);
    expect(album.title).toBe('Jürgen & Ana <3');
    expect(album.end).toBe(Date.parse('2026-11-23T19:02:00Z'));
    expect(album.photos[0]?.full).toBeUndefined();
    expect(album.items[1]?.address).toBe(`${FOLDER}two?a=b&X-Amz-Signature=${'ab'.repeat(32)}`);
  });

  it.each<[string, (index: Record<string, unknown>) => void]>([
    ['of another version', (index) => (index['v'] = 2)],
    ['without a title', (index) => delete index['title']],
    ['that leads elsewhere', (index) => (index['template'] = 'https://evil/{item}?{signature}')],
    [
      'that leaves its folder',
      (index) =>
        (index['items'] = [
          ['../x', 1],
          ['two', 1],
        ]),
    ],
    ['with a photo that points nowhere', (index) => (index['photos'] = [{ ...photo(), view: 2 }])],
    ['with a photo of no size', (index) => (index['photos'] = [{ ...photo(), width: '1' }])],
    ['with an end that is none', (index) => (index['end'] = 'soon')],
    ['with a list that is none', (index) => (index['items'] = {})],
  ])('%s is refused', (_, spoil) => {
    const index = good();
    spoil(index);
    expect(() => readAlbum(plain(index), FOLDER)).toThrow(Damaged);
  });

  it.each([
    ['too short', new Uint8Array(3)],
    ['with a length beyond its end', new Uint8Array([0, 0, 1, 0, 123])],
    ['that is no JSON', new Uint8Array([0, 0, 0, 1, 123])],
    ['without all signatures', plain(good(), 1)],
    ['with more signatures', plain(good(), 3)],
  ])('%s is refused', (_, bytes) => expect(() => readAlbum(bytes, FOLDER)).toThrow(Damaged));
});

function photo(): Record<string, unknown> {
  return { name: 'IMG_1.jpg', width: 2048, height: 1365, thumb: 0, view: 1 };
}
