/**
 * The index, opened: what the album shows. See `share/index.rs`:
 *
 *     length of the JSON (u32, big-endian) | JSON | 32 raw signature bytes an item
 *
 * It was sealed by the photographer's program, but is read as if it were not: every field is checked,
 * and an address that leaves this share's folder is refused here before the CSP refuses it.
 */
import { type Bytes, hex } from './bytes';
import { Damaged } from './crypto';

export interface Photo {
  readonly name: string;
  readonly caption: string | undefined;
  readonly width: number;
  readonly height: number;
  /** Numbers of items. */
  readonly thumb: number;
  readonly view: number;
  readonly full: number | undefined;
}

export interface Item {
  readonly name: string;
  /** Sealed length in bytes. */
  readonly length: number;
  readonly address: string;
}

export interface Album {
  readonly title: string;
  readonly message: string | undefined;
  readonly studio: string | undefined;
  readonly end: number;
  readonly save: boolean;
  readonly photos: readonly Photo[];
  readonly items: readonly Item[];
}

export function readAlbum(plain: Bytes, folder: string): Album {
  if (plain.length < 4) throw new Damaged('index: too short');
  const length = new DataView(plain.buffer, plain.byteOffset).getUint32(0);
  if (plain.length < 4 + length) throw new Damaged('index: its length');
  const json: unknown = parse(plain.subarray(4, 4 + length));
  const signatures = plain.subarray(4 + length);

  const root = record(json, 'index');
  if (root['v'] !== 1) throw new Damaged('index: its version');
  const template = text(root['template'], 'template');
  if (!template.startsWith(`${folder}{item}?`)) throw new Damaged('index: a foreign address');
  const items = list(root['items'], 'items').map((pair, at) => {
    const [name, bytes] = list(pair, 'item');
    return item(
      template,
      text(name, 'item'),
      whole(bytes, 'item'),
      signatures.subarray(32 * at, 32 * at + 32),
    );
  });
  if (signatures.length !== 32 * items.length) throw new Damaged('index: its signatures');

  const pointer = (value: unknown): number => {
    const number = whole(value, 'photo');
    if (number >= items.length) throw new Damaged('index: a photo without its items');
    return number;
  };
  const photos = list(root['photos'], 'photos').map((value): Photo => {
    const photo = record(value, 'photo');
    return {
      name: text(photo['name'], 'name'),
      caption: optional(photo['caption'], 'caption'),
      width: Math.max(1, whole(photo['width'], 'width')),
      height: Math.max(1, whole(photo['height'], 'height')),
      thumb: pointer(photo['thumb']),
      view: pointer(photo['view']),
      full: photo['full'] === undefined ? undefined : pointer(photo['full']),
    };
  });

  const end = Date.parse(text(root['end'], 'end'));
  if (Number.isNaN(end)) throw new Damaged('index: its end');
  return {
    title: text(root['title'], 'title'),
    message: optional(root['message'], 'message'),
    studio: optional(root['studio'], 'studio'),
    end,
    save: record(root['rights'], 'rights')['save'] === true,
    photos,
    items,
  };
}

function item(template: string, name: string, length: number, signature: Uint8Array): Item {
  if (!/^[a-z0-9]{1,64}$/.test(name)) throw new Damaged('index: an item name');
  const address = template.replace('{item}', name).replace('{signature}', hex(signature));
  return { name, length, address };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Damaged('index: no JSON');
  }
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Damaged(`index: ${what}`);
  return value as Record<string, unknown>;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Damaged(`index: ${what}`);
  return value;
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new Damaged(`index: ${what}`);
  return value;
}

function optional(value: unknown, what: string): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : text(value, what);
}

function whole(value: unknown, what: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Damaged(`index: ${what}`);
  return value as number;
}
