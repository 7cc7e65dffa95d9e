/** A query cut into its terms, so that each can be shown, changed and taken away by itself. */

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

const statuses: Record<string, string> = {
  missing: 'Original not here',
  local: 'Original here',
  backedup: 'In the bucket',
  notbackedup: 'Not in the bucket',
  mirrored: 'On a mirror',
  damaged: 'Damaged',
  trash: 'In the trash',
  gps: 'With a place',
};
const names: Record<string, string> = {
  shoot: 'Shoot',
  client: 'Client',
  job: 'Job',
  album: 'Album',
  keyword: 'Keyword',
  camera: 'Camera',
  lens: 'Lens',
  date: 'Taken',
  format: 'Format',
  iso: 'ISO',
  aperture: 'Aperture',
  focal: 'Focal length',
  width: 'Width',
  height: 'Height',
  size: 'Size',
  kind: 'Kind',
  import: 'Import',
  id: 'Photo',
};
const signs: Record<string, string> = {
  '>=': ' at least',
  '<=': ' at most',
  '>': ' over',
  '<': ' under',
};

/** A term in words: `4 stars or more`, `Not keyword dance`. */
export function termWords({ text, negated, key, op, value }: Term): string {
  const not = negated ? 'Not ' : '';
  const lower = (words: string): string =>
    negated ? words.charAt(0).toLowerCase() + words.slice(1) : words;
  if (key === null) return negated ? `Without ${value}` : value;
  if (key === 'rating') {
    const stars = value === '1' ? '1 star' : `${value} stars`;
    const words = op === '>=' ? `${stars} or more` : op === '<=' ? `${stars} or less` : stars;
    return (
      not +
      lower(op === '>' || op === '<' ? text : value === '0' && op === ':' ? 'No stars' : words)
    );
  }
  if (key === 'label') return not + lower(value === 'none' ? 'No label' : `Label ${value}`);
  if (key === 'flag') {
    const flags: Record<string, string> = { pick: 'Picked', reject: 'Rejected', none: 'No flag' };
    return not + lower(flags[value] ?? text);
  }
  if (key === 'status') return not + lower(statuses[value] ?? text);
  const name = names[key];
  return name === undefined ? text : not + lower(`${name}${signs[op] ?? ''} ${value}`);
}
