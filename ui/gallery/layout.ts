/**
 * Rows of pictures that fill the width, order kept.
 *
 * Of all ways to cut the album into rows, the one whose rows come closest to the wished height is
 * taken (Knuth and Plass's idea for lines of text), so no row is much taller than its neighbours.
 */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly row: number;
}

export interface Layout {
  readonly boxes: readonly Box[];
  readonly height: number;
}

/** Panoramas and slivers are shown cropped beyond these. */
const NARROWEST = 0.45;
const WIDEST = 3.2;

/** The wished height of a row for a width of the page. */
export function rowHeight(width: number): number {
  if (width < 480) return 150;
  if (width < 900) return 200;
  if (width < 1500) return 250;
  return 290;
}

export function justify(
  ratios: readonly number[],
  width: number,
  wished: number,
  gap: number,
): Layout {
  const shown = ratios.map((ratio) => Math.min(WIDEST, Math.max(NARROWEST, ratio)));
  const rows = cut(shown, width, wished, gap);
  const boxes: Box[] = [];
  let top = 0;
  for (const [row, [from, to]] of rows.entries()) {
    const inRow = shown.slice(from, to);
    const full = fill(inRow, width, gap);
    // The last row is left ragged rather than blown up.
    const height = row === rows.length - 1 ? Math.min(full, wished * 1.15) : full;
    let left = 0;
    for (const [at, ratio] of inRow.entries()) {
      const isEnd = height === full && at === inRow.length - 1;
      const boxWidth = isEnd ? width - left : ratio * height;
      boxes.push({ left, top, width: boxWidth, height, row });
      left += boxWidth + gap;
    }
    top += height + gap;
  }
  return { boxes, height: Math.max(0, top - gap) };
}

/** The height at which these pictures fill the width. */
function fill(ratios: readonly number[], width: number, gap: number): number {
  const sum = ratios.reduce((total, ratio) => total + ratio, 0);
  return Math.max(1, (width - gap * (ratios.length - 1)) / sum);
}

/** Rows as [from, to), by least total cost. */
function cut(
  ratios: readonly number[],
  width: number,
  wished: number,
  gap: number,
): [number, number][] {
  const count = ratios.length;
  const cost = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
  const before = new Int32Array(count + 1);
  cost[0] = 0;
  for (let to = 1; to <= count; to++) {
    let sum = 0;
    for (let from = to - 1; from >= 0; from--) {
      sum += ratios[from] ?? 1;
      const height = (width - gap * (to - from - 1)) / sum;
      const isAlone = from === to - 1;
      if (height < wished / 2 && !isAlone) break;
      const isLast = to === count;
      const off = isLast && height > wished ? 0 : Math.log(Math.max(height, 1) / wished);
      const total = (cost[from] ?? 0) + off * off;
      if (total < (cost[to] ?? 0)) {
        cost[to] = total;
        before[to] = from;
      }
    }
  }
  const rows: [number, number][] = [];
  for (let to = count; to > 0; to = before[to] ?? 0) rows.unshift([before[to] ?? 0, to]);
  return rows;
}

/** The box in the neighbouring row that stands over or under the middle of this one. */
export function neighbour(boxes: readonly Box[], at: number, step: -1 | 1): number {
  const from = boxes[at];
  if (!from) return at;
  const middle = from.left + from.width / 2;
  let best = at;
  let distance = Number.POSITIVE_INFINITY;
  for (let index = at; index >= 0 && index < boxes.length; index += step) {
    const box = boxes[index];
    if (!box || Math.abs(box.row - from.row) > 1) break;
    if (box.row === from.row) continue;
    const off = Math.abs(box.left + box.width / 2 - middle);
    if (off < distance) {
      distance = off;
      best = index;
    }
  }
  return best;
}
