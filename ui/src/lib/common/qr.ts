import { encode } from 'uqr';

/** A QR code as one SVG path on a field of `size` units, without the quiet border. */
export function qrPath(text: string): { size: number; path: string } {
  const { data, size } = encode(text, { ecc: 'M', border: 0 });
  let path = '';
  data.forEach((row, y) => {
    let x = 0;
    while (x < size) {
      if (row[x] !== true) {
        x += 1;
        continue;
      }
      const from = x;
      while (x < size && row[x] === true) x += 1;
      path += `M${from} ${y}h${x - from}v1h-${x - from}z`;
    }
  });
  return { size, path };
}
