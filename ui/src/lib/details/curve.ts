/** A histogram as an SVG path on a field of 100 × 40: the highest step of all colours fills it. */
export function curve(counts: readonly number[], most: number): string {
  if (counts.length < 2 || most <= 0) return '';
  const step = 100 / (counts.length - 1);
  // The root lets small counts be seen beside a sky of one brightness.
  const points = counts.map((n, i) => {
    const height = 40 * Math.sqrt(Math.min(n / most, 1));
    return `${(i * step).toFixed(1)} ${(40 - height).toFixed(1)}`;
  });
  return `M0 40 L${points.join(' L')} L100 40 Z`;
}

/** `1/250 s`, `2 s`. */
export function shutterText(shutter: string): string {
  return shutter.endsWith('s') ? shutter : `${shutter} s`;
}

/** What is known of the exposure, in the usual order. */
export function exposureText(known: {
  focalLength: number | null;
  aperture: number | null;
  shutter: string | null;
  iso: number | null;
}): string {
  const round = (n: number): string => String(Math.round(n * 10) / 10);
  return [
    known.focalLength === null ? '' : `${round(known.focalLength)} mm`,
    known.aperture === null ? '' : `f/${round(known.aperture)}`,
    known.shutter === null ? '' : shutterText(known.shutter),
    known.iso === null ? '' : `ISO ${known.iso}`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
