/** A landscape for every id: hills, sky and sun from the digits of its hash. */
export function picture(id: string): string {
  let seed = 7;
  for (const letter of id) seed = (seed * 31 + letter.charCodeAt(0)) >>> 0;
  const next = (n: number): number => {
    seed = (seed * 1664525 + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
  const tall = Number(id.replace(/\D/g, '')) % 4 === 3;
  const [w, h] = tall ? [400, 600] : [600, 400];
  const hue = next(360);
  const hill = (y: number, light: number): string => {
    const points = [0, 1, 2, 3, 4].map((i) => `${(i * w) / 4} ${y - next(h / 4) + (i % 2) * 30}`);
    return `<path d="M0 ${h}L${points.join('L')}L${w} ${h}z" fill="hsl(${hue + 20} 30% ${light}%)"/>`;
  };
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}">
<defs><linearGradient id="g" x1="0" y1="0" x2="0" y2="1">
<stop offset="0" stop-color="hsl(${hue + 180} 45% ${35 + next(30)}%)"/><stop offset="1" stop-color="hsl(${hue + 30} 60% 75%)"/></linearGradient></defs>
<rect width="${w}" height="${h}" fill="url(#g)"/><circle cx="${next(w)}" cy="${h / 4 + next(h / 4)}" r="${20 + next(30)}" fill="#fff6e0" opacity=".9"/>
${hill(h * 0.7, 40)}${hill(h * 0.85, 25)}${hill(h, 14)}</svg>`;
}
