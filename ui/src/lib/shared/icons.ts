/** Line drawings on a 20 x 20 field, stroked with the text's colour. */
export const icons = {
  photos: 'M3 5h14v10H3z M3 13l4-4 3.5 3.5L13 10l4 4',
  card: 'M6 3h6l3 3v11H5V4a1 1 0 0 1 1-1z M8 3v3 M10.5 3v3',
  album: 'M4 6h12v10H4z M6 6V4h8v2',
  link: 'M8.5 11.5a3 3 0 0 0 4.2 0l2.6-2.6a3 3 0 0 0-4.2-4.2L10 5.8 M11.5 8.5a3 3 0 0 0-4.2 0l-2.6 2.6a3 3 0 0 0 4.2 4.2L10 14.2',
  cloud: 'M6 15a3.5 3.5 0 0 1-.4-7A5 5 0 0 1 15 8.6 3.2 3.2 0 0 1 14.6 15z',
  shield: 'M10 3l6 2v5c0 3.6-2.5 6-6 7.5C6.5 16 4 13.6 4 10V5z',
  check: 'M4.5 10.5l3.5 3.5 7.5-8',
  warn: 'M10 3.5L18 17H2z M10 8v4 M10 14.2v.3',
  close: 'M5 5l10 10 M15 5L5 15',
  folder: 'M3 5h5l1.5 2H17v9H3z',
  search: 'M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z M13 13l4 4',
  left: 'M12.5 4.5L7 10l5.5 5.5',
  right: 'M7.5 4.5L13 10l-5.5 5.5',
  copy: 'M7 7h9v9H7z M4 13V4h9',
  plus: 'M10 4v12 M4 10h12',
  star: 'M10 2.8l2.2 4.6 5 .7-3.6 3.5.9 5-4.5-2.4-4.5 2.4.9-5L2.8 8.1l5-.7z',
  layers: 'M10 3l7 4-7 4-7-4z M3 11l7 4 7-4',
  broken: 'M3 4h14v12h-4l-2-4 2-2-3-2 1-4 M3 4v12h6',
  film: 'M3 4h14v12H3z M8 7.5v5l4.5-2.5z',
  key: 'M13 3a4 4 0 1 1-3.8 5.3L3 14.5V17h3v-2h2v-2l2.7-2.7A4 4 0 0 1 13 3z M14 6.5v.1',
  settings: 'M4 6h7 M15 6h1 M13 4v4 M4 14h1 M9 14h7 M7 12v4 M4 10h12',
} as const;

export type IconName = keyof typeof icons;
