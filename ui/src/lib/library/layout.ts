/**
 * Where every photo of the grid stands, by arithmetic alone: months follow each other, each with a
 * heading and rows of equal squares. Nothing here knows the photos, only how many a month has, so
 * a library of any size is laid out at once and only what is seen is ever drawn.
 */

export const GAP = 6;
export const HEAD = 52;
const TAIL = 20;

export interface Section {
  /** The first photo's index in the whole list. */
  start: number;
  count: number;
  top: number;
  height: number;
}

export interface Layout {
  columns: number;
  /** The side of a square. */
  side: number;
  height: number;
  sections: Section[];
}

export interface Spot {
  left: number;
  top: number;
}

/** From the first to before the end. */
export interface Span {
  first: number;
  end: number;
}

export type Step = 'left' | 'right' | 'up' | 'down' | 'first' | 'last';

/** Lays months of these counts out in `width`; squares are at least `wanted` wide. */
export function layOut(counts: readonly number[], width: number, wanted: number): Layout {
  const columns = Math.max(1, Math.floor((width + GAP) / (wanted + GAP)));
  const side = Math.max(1, (width - GAP * (columns - 1)) / columns);
  const sections: Section[] = [];
  let top = 0;
  let start = 0;
  for (const count of counts) {
    const rows = Math.ceil(count / columns);
    const height = HEAD + rows * (side + GAP) - GAP + TAIL;
    sections.push({ start, count, top, height });
    top += height;
    start += count;
  }
  return { columns, side, height: top, sections };
}

/** The section that holds height `y`; the last one below all. */
function sectionAt(layout: Layout, y: number): number {
  let low = 0;
  let high = layout.sections.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((layout.sections[middle]?.top ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return Math.max(low, 0);
}

function sectionOf(layout: Layout, index: number): Section | undefined {
  let low = 0;
  let high = layout.sections.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((layout.sections[middle]?.start ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  const section = layout.sections[low];
  return section && index >= section.start && index < section.start + section.count
    ? section
    : undefined;
}

/** Where the photo with this index stands. */
export function spotOf(layout: Layout, index: number): Spot | undefined {
  const section = sectionOf(layout, index);
  if (!section) return undefined;
  const inside = index - section.start;
  return {
    left: (inside % layout.columns) * (layout.side + GAP),
    top: section.top + HEAD + Math.floor(inside / layout.columns) * (layout.side + GAP),
  };
}

/** The sections and photos between two heights: both follow each other without gaps. */
export function between(
  layout: Layout,
  from: number,
  to: number,
): { sections: Span; photos: Span } {
  const pitch = layout.side + GAP;
  const top = sectionAt(layout, from);
  const sections = { first: top, end: top };
  const photos = { first: 0, end: 0 };
  for (let s = top; s < layout.sections.length; s += 1) {
    const section = layout.sections[s];
    if (!section || section.top >= to) break;
    const origin = section.top + HEAD;
    const above = Math.max(0, Math.floor((from - origin) / pitch)) * layout.columns;
    const seen = Math.max(0, Math.floor((to - origin) / pitch) + 1) * layout.columns;
    if (s === top) photos.first = section.start + Math.min(section.count, above);
    photos.end = section.start + Math.min(section.count, seen);
    sections.end = s + 1;
  }
  return { sections, photos };
}

/** Where an arrow key leads from `index`; up and down keep the column across months. */
export function stepFrom(layout: Layout, index: number, step: Step): number {
  const last = layout.sections.reduce((n, s) => n + s.count, 0) - 1;
  const clamp = (n: number): number => Math.min(Math.max(n, 0), Math.max(last, 0));
  if (step === 'left') return clamp(index - 1);
  if (step === 'right') return clamp(index + 1);
  if (step === 'first') return 0;
  if (step === 'last') return clamp(last);

  const at = layout.sections.findIndex((s) => index >= s.start && index < s.start + s.count);
  const section = layout.sections[at];
  if (!section) return clamp(index);
  const { columns } = layout;
  const inside = index - section.start;
  const column = inside % columns;
  const row = Math.floor(inside / columns);
  if (step === 'down') {
    const lastRow = Math.floor((section.count - 1) / columns);
    if (row < lastRow) return section.start + Math.min(inside + columns, section.count - 1);
    const next = layout.sections[at + 1];
    return next ? next.start + Math.min(column, next.count - 1) : index;
  }
  if (row > 0) return index - columns;
  const before = layout.sections[at - 1];
  if (!before) return index;
  const lastRow = Math.floor((before.count - 1) / columns);
  return before.start + Math.min(lastRow * columns + column, before.count - 1);
}
