/**
 * The last step of the gallery's build: a Content-Security-Policy that names the one script and the
 * one style by their hashes, and a refusal of a page that would be too large or reach elsewhere.
 *
 * `connect-src` holds a placeholder. The program replaces it by the share's folder when it puts the page
 * into the bucket (`share/page.rs`).
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

export const FOLDER = 'https://darkslide.invalid/share/';
const LARGEST = 100 * 1024;

export function sealedPage(): Plugin {
  return {
    name: 'sealed-page',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const [page, ...others] = Object.values(bundle);
        if (page?.type !== 'asset' || others.length > 0)
          throw new Error('the gallery is not one file');
        const html =
          typeof page.source === 'string' ? page.source : new TextDecoder().decode(page.source);
        page.source = sealPage(html);
      },
    },
  };
}

export function sealPage(html: string): string {
  const scripts = inside(html, 'script');
  const styles = inside(html, 'style');
  if (scripts.length !== 1 || styles.length !== 1) throw new Error('not one script and one style');
  if (/\b(?:src|href)="(?!data:)/.test(html))
    throw new Error('the page refers to something outside');
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hash).join(' ')}`,
    `style-src ${styles.map(hash).join(' ')}`,
    'img-src blob: data:',
    `connect-src ${FOLDER}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy}" />`;
  const sealed = html.replace(
    /<meta charset="utf-8"\s*\/?>/i,
    (charset) => `${charset}\n    ${meta}`,
  );
  if (sealed.split(FOLDER).length !== 2)
    throw new Error('the page has no one place for its folder');
  const size = gzipSync(sealed).length;
  if (size > LARGEST) throw new Error(`the page is ${size} bytes compressed, more than ${LARGEST}`);
  return sealed;
}

function inside(html: string, name: 'script' | 'style'): string[] {
  const matches = html.matchAll(new RegExp(`<${name}\\b[^>]*>([\\s\\S]*?)</${name}>`, 'g'));
  return Array.from(matches, (match) => match[1] ?? '');
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
