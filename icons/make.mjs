// Makes every icon file from darkslide.svg: `node icons/make.mjs` (needs rsvg-convert).
// ICO and ICNS are plain containers around PNG files, written here byte by byte.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const svg = join(here, 'darkslide.svg');

/** @type {(size: number) => Buffer} */
const png = (size) =>
  execFileSync('rsvg-convert', ['-w', String(size), '-h', String(size), svg], {
    maxBuffer: 64 << 20,
  });

/** @type {(name: string, bytes: Buffer) => void} */
const write = (name, bytes) => writeFileSync(join(here, name), bytes);

/** @type {(sizes: number[]) => Buffer} */
function ico(sizes) {
  const images = sizes.map(png);
  const head = Buffer.alloc(6 + 16 * sizes.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(sizes.length, 4);
  let offset = head.length;
  images.forEach((image, i) => {
    const at = 6 + 16 * i;
    head.writeUInt8(sizes[i] % 256, at); // 0 stands for 256
    head.writeUInt8(sizes[i] % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(image.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += image.length;
  });
  return Buffer.concat([head, ...images]);
}

/** @type {(parts: [string, number][]) => Buffer} */
function icns(parts) {
  const chunks = parts.map(([type, size]) => {
    const image = png(size);
    const head = Buffer.alloc(8);
    head.write(type, 0, 'latin1');
    head.writeUInt32BE(image.length + 8, 4);
    return Buffer.concat([head, image]);
  });
  const body = Buffer.concat(chunks);
  const head = Buffer.alloc(8);
  head.write('icns', 0, 'latin1');
  head.writeUInt32BE(body.length + 8, 4);
  return Buffer.concat([head, body]);
}

write('32x32.png', png(32));
write('64x64.png', png(64));
write('128x128.png', png(128));
write('128x128@2x.png', png(256));
write('icon.png', png(512));
write('icon.ico', ico([16, 24, 32, 48, 64, 256]));
write(
  'icon.icns',
  icns([
    ['icp4', 16],
    ['icp5', 32],
    ['ic07', 128],
    ['ic08', 256],
    ['ic09', 512],
    ['ic10', 1024],
    ['ic11', 32],
    ['ic12', 64],
    ['ic13', 256],
    ['ic14', 512],
  ]),
);
