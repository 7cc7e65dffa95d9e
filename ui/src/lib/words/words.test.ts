import { parse } from 'svelte/compiler';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

import { words } from '.';

const components = import.meta.glob<string>('../../**/*.svelte', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const modules = import.meta.glob<string>(
  ['../**/*.ts', '!../words/**', '!../**/*.test.ts', '!../common/icons.ts'],
  {
    query: '?raw',
    import: 'default',
    eager: true,
  },
);

/** Attributes people read or hear; those of our own components among them. */
const READ = /^(title|alt|label|placeholder|aria-label|hint|text|note|what|safe|next|wrong|later)$/;

/** Code that looks like words: names of keys, selectors, what is written into files, errors nobody is shown. */
const NO_WORDS = [
  /^((Arrow\w*|Home|End|Enter|Escape|Space|Delete|Backspace|Esc|Del|Ctrl.*|Shift.*) ?)+$/,
  /^(\.\w+ )?(button|dialog|input|textarea), /,
  /^it ends early$/,
  /^Originals\//,
  /^DARKSLIDE RECOVERY KIT$/,
  /^AppError$/,
  /^there is always a sheet$/,
  /^Content-/,
  /^(endpoint|region|bucket|root|vault|words) $/,
];

/** Words have a letter beside another one or a space, or begin like a sentence. */
function isWords(text: string): boolean {
  const prose = /^\s*[A-Z][a-z]/.test(text) || /[a-z,.] +[A-Za-z]/.test(text);
  return prose && !NO_WORDS.some((known) => known.test(text));
}

interface Found {
  type?: string;
  [key: string]: unknown;
}

/** Texts of a template: between tags, in attributes that are read, in the code of either. */
function textsOf(source: string): string[] {
  const texts: string[] = [];
  const visit = (node: unknown, attribute: string | null): void => {
    if (Array.isArray(node)) {
      for (const one of node) visit(one, attribute);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const { type, name, data, value } = node as Found;
    const inside = /Attribute|Directive/.test(type ?? '') ? String(name) : attribute;
    // A single letter is the name of a key.
    if (
      type === 'Text' &&
      /\p{L}.*\p{L}/u.test(String(data)) &&
      (inside === null || READ.test(inside))
    )
      texts.push(String(data).trim());
    if (type === 'Literal' && typeof value === 'string' && isWords(value)) texts.push(value);
    if (type === 'TemplateElement') {
      const { cooked } = value as { cooked: string };
      if (isWords(cooked)) texts.push(cooked);
    }
    for (const child of Object.values(node)) visit(child, inside);
  };
  const { fragment } = parse(source, { modern: true });
  // What a program prints is shown as it is printed.
  visit(JSON.parse(JSON.stringify(fragment)), null);
  return texts;
}

/** String literals of a script that read like words. */
function literalsOf(source: string): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    const literal = ts.isStringLiteralLike(node) || ts.isTemplateHead(node);
    const more = ts.isTemplateMiddle(node) || ts.isTemplateTail(node);
    if ((literal || more) && isWords(node.text)) texts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('a.ts', source, ts.ScriptTarget.Latest));
  return texts;
}

/** Code that is shown as code: commands, and a query as it is typed. */
const CODE = ['darkslide watch follow', 'rating>=4 camera:R6 date:2026-05..2026-07 -keyword:dance'];

describe('words', () => {
  it('no component has words of its own', () => {
    expect(Object.keys(components).length).toBeGreaterThan(40);
    const own = Object.entries(components).flatMap(([path, source]) => {
      const script = /<script lang="ts">([^]*?)<\/script>/.exec(source)?.[1] ?? '';
      const texts = [...textsOf(source), ...literalsOf(script)];
      return texts.filter((text) => !CODE.includes(text)).map((text) => `${path}: ${text}`);
    });
    expect(own).toEqual([]);
  });

  it('nor has what stands behind them', () => {
    expect(Object.keys(modules).length).toBeGreaterThan(30);
    const own = Object.entries(modules).flatMap(([path, source]) =>
      literalsOf(source).map((text) => `${path}: ${text}`),
    );
    expect(own).toEqual([]);
  });

  it('every word says something, and what is counted is written as its language does', () => {
    const empty: string[] = [];
    const look = (at: object, path: string): void => {
      for (const [key, value] of Object.entries(at) as [string, unknown][]) {
        if (typeof value === 'string' && value.trim() === '') empty.push(path + key);
        if (typeof value === 'object' && value !== null) look(value, `${path}${key}.`);
      }
    };
    look(words, '');
    expect(empty).toEqual([]);
    expect(words.counts.photos(1)).toBe('1 photo');
    expect(words.counts.photos(0)).toBe('0 photos');
    expect(words.home.needSomething(1)).toBe('1 shoot needs something');
    expect(words.home.needSomething(2)).toBe('2 shoots need something');
  });
});
