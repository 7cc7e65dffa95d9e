/** Elements without markup: everything that is shown is set as text or as an attribute. */

interface Shape {
  readonly class?: string;
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  shape: Shape = {},
  ...children: readonly Node[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (shape.class !== undefined) made.className = shape.class;
  if (shape.text !== undefined) made.textContent = shape.text;
  for (const [key, value] of Object.entries(shape.attributes ?? {})) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Outlines on a 24 px field. */
const OUTLINES = {
  close: 'M6 6l12 12M18 6L6 18',
  next: 'M9 5l7 7-7 7',
  previous: 'M15 5l-7 7 7 7',
  save: 'M12 4v11m0 0l-4.5-4.5M12 15l4.5-4.5M5 19.5h14',
  zoom: 'M10.5 17a6.5 6.5 0 100-13 6.5 6.5 0 000 13zM15.5 15.5L20 20M10.5 8v5M8 10.5h5',
  lock: 'M7 11V8a5 5 0 0110 0v3M5.5 11h13v8.5h-13z',
  clock: 'M12 20.5a8.5 8.5 0 100-17 8.5 8.5 0 000 17zM12 7v5l3.2 2',
  slide: 'M4 5.5h16v13H4zM4 9h16M9 5.5v-2h6v2',
  broken: 'M4 5h16v14H4zM4 16l4.5-4.5 3 3M14 19l-1.5-4 2-3-1.5-3 1-4',
  offline: 'M4 9.5a12 12 0 0116 0M7 13a7.5 7.5 0 0110 0M10 16.5a3.2 3.2 0 014 0M4 4l16 16',
} as const;

export type Icon = keyof typeof OUTLINES;

export function icon(name: Icon): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const path = document.createElementNS(space, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', OUTLINES[name]);
  svg.append(path);
  return svg;
}

export function iconButton(name: Icon, label: string, className: string): HTMLButtonElement {
  const attributes = { type: 'button', 'aria-label': label, title: label };
  return element('button', { class: `icon ${className}`, attributes }, icon(name));
}

export function quiet(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
