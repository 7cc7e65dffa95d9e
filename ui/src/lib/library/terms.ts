/** A query cut into its terms, so that each can be shown, changed and taken away by itself. */
import { words } from '../words';

export interface Term {
  /** As it is typed. */
  text: string;
  negated: boolean;
  /** Null for plain words. */
  key: string | null;
  op: string;
  value: string;
}

/** Cuts a query as the catalogue does: at spaces that stand outside of quotes. */
export function termsOf(query: string): Term[] {
  const terms: Term[] = [];
  const cut = /-?(?:[A-Za-z]+(?:>=|<=|[:=<>]))?(?:"(?:\\.|[^"\\])*"?|\S+)/g;
  for (const [text] of query.matchAll(cut)) {
    const [, minus = '', key, op = '', rest = ''] =
      /^(-?)(?:([A-Za-z]+)(>=|<=|[:=<>]))?([^]*)$/.exec(text) ?? [];
    terms.push({
      text,
      negated: minus !== '',
      key: key?.toLowerCase() ?? null,
      op,
      value: bare(rest),
    });
  }
  return terms;
}

function bare(value: string): string {
  if (!value.startsWith('"')) return value;
  return value
    .slice(1, value.endsWith('"') && value.length > 1 ? -1 : undefined)
    .replace(/\\(.)/g, '$1');
}

/** Writes a term; a value that would not be read as one word stands in quotes. */
export function termText(key: string, value: string, op = ':'): string {
  const plain = /^[^\s"\\*]+$/.test(value) && value !== 'none';
  return `${key}${op}${plain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`;
}

/** The query with `term` in place of every other term of its key; without one it only takes away. */
export function withTerm(query: string, key: string, term: string | null): string {
  const kept = termsOf(query).filter((t) => t.key !== key);
  return [...kept.map((t) => t.text), ...(term === null ? [] : [term])].join(' ');
}

/** The value a key has in a query, if it is there once and plainly. */
export function valueOf(query: string, key: string): { op: string; value: string } | null {
  const found = termsOf(query).filter((t) => t.key === key && !t.negated);
  const [term] = found;
  return found.length === 1 && term ? { op: term.op, value: term.value } : null;
}

/** A word of a table; undefined where it has none. */
function word(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** A term in words: `4 stars or more`, `Not keyword dance`. */
export function termWords(term: Term): string {
  if (term.key === null) return term.negated ? words.filter.without(term.value) : term.value;
  const says = meant(term, term.key);
  return term.negated ? words.filter.not(says) : says;
}

function meant({ text, op, value }: Term, key: string): string {
  const { filter } = words;
  switch (key) {
    case 'rating': {
      if (op === '>' || op === '<') return text;
      if (value === '0' && op === ':') return filter.noStars;
      const stars = /^\d+$/.test(value) ? words.counts.stars(Number(value)) : filter.starsOf(value);
      if (op === '>=') return filter.orMore(stars);
      return op === '<=' ? filter.orLess(stars) : stars;
    }
    case 'label':
      return value === 'none' ? filter.noLabel : filter.labelOf(value);
    case 'flag':
      return value === 'none' ? filter.noFlag : (word(filter.flags, value) ?? text);
    case 'status':
      return word(filter.statuses, value) ?? text;
  }
  const name = word(filter.names, key);
  if (name === undefined) return text;
  const compared = Object.entries(filter.compared).find(([sign]) => sign === op)?.[1];
  return (compared ?? filter.is)(name, value);
}
