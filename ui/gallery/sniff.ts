/**
 * What bytes are, by their beginning. Only what is listed here ever becomes a `Blob`: a name or a
 * type written into the index can not turn an item into a page or a script.
 */

export interface Kind {
  readonly type: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/avif' | 'video/mp4';
  readonly extensions: readonly [string, ...string[]];
}

const JPEG: Kind = { type: 'image/jpeg', extensions: ['jpg', 'jpeg', 'jpe'] };
const PNG: Kind = { type: 'image/png', extensions: ['png'] };
const WEBP: Kind = { type: 'image/webp', extensions: ['webp'] };
const AVIF: Kind = { type: 'image/avif', extensions: ['avif'] };
const MP4: Kind = { type: 'video/mp4', extensions: ['mp4', 'm4v', 'mov'] };

export function sniff(bytes: Uint8Array): Kind | undefined {
  const text = (from: number, to: number): string =>
    String.fromCharCode(...bytes.subarray(from, to));
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return JPEG;
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return PNG;
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return WEBP;
  if (text(4, 8) === 'ftyp') {
    const brand = text(8, 12);
    if (brand === 'avif' || brand === 'avis') return AVIF;
    if (/^(iso[m2-9]|mp4[12]|avc1|M4V |MSNV|qt {2}|XAVC)$/.test(brand)) return MP4;
  }
  return undefined;
}

/** The name a photo is saved under: its own, with the ending its bytes have. */
export function saveName(name: string, kind: Kind): string {
  const clean = name
    // eslint-disable-next-line no-control-regex -- control characters are what is taken out
    .replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069/\\:*?"<>|]/g, '_')
    .replace(/^\.+|[. ]+$/g, '');
  const dot = clean.lastIndexOf('.');
  const stem = dot > 0 ? clean.slice(0, dot) : clean;
  const ending = dot > 0 ? clean.slice(dot + 1) : '';
  if (kind.extensions.includes(ending.toLowerCase())) return clean;
  return `${stem || 'photo'}.${kind.extensions[0]}`;
}
