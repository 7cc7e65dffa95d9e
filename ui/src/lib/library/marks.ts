/** Moments a measurement asks for; the browser keeps them, nobody else is told. */

let pictures = 0;
/** About the first rows of the grid. */
const FIRST = 12;

export function pictureShown(): void {
  if (pictures >= FIRST) return;
  pictures += 1;
  if (pictures === FIRST) performance.mark('first-pictures');
}
