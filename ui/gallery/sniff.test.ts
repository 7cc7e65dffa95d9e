import { describe, expect, it } from 'vitest';
import { utf8, concat } from './bytes';
import { saveName, sniff } from './sniff';

const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0]);
const ftyp = (brand: string): Uint8Array =>
  concat(new Uint8Array([0, 0, 0, 24]), utf8(`ftyp${brand}`));

describe('bytes become a picture', () => {
  it.each([
    ['image/jpeg', jpeg],
    ['image/png', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
    ['image/webp', utf8('RIFF\0\0\0\0WEBPVP8 ')],
    ['image/avif', ftyp('avif')],
    ['video/mp4', ftyp('isom')],
  ])('as %s', (type, bytes) => expect(sniff(bytes)?.type).toBe(type));

  it.each([
    ['a page', utf8('<!doctype html><script>')],
    ['a drawing', utf8('<svg xmlns="http://www.w3.org/2000/svg">')],
    ['a raw', ftyp('crx ')],
    ['a document', utf8('%PDF-1.7')],
    ['nothing', new Uint8Array(0)],
  ])('but not %s', (_, bytes) => expect(sniff(bytes)).toBeUndefined());
});

describe('a saved photo', () => {
  const kind = sniff(jpeg);
  if (!kind) throw new Error('a JPEG is a JPEG');
  it.each([
    ['IMG_0001.JPG', 'IMG_0001.JPG'],
    ['IMG_0001.CR3', 'IMG_0001.jpg'],
    ['no ending', 'no ending.jpg'],
    ['../../etc/passwd.jpg', '_.._etc_passwd.jpg'],
    ['a\u202egpj.exe', 'a_gpj.jpg'],
    ['', 'photo.jpg'],
  ])('%j is called %j', (name, saved) => expect(saveName(name, kind)).toBe(saved));
});
