/**
 * The badges of a photo, drawn once for every sort there is and copied from then on: while one
 * scrolls, squares come and go by the hundred, and thousands of photos have the same badges.
 */
import { mount, unmount, untrack } from 'svelte';

import type { Photo } from '../ipc';
import Badges from './Badges.svelte';

const TOLD = [
  'kind',
  'pair',
  'files',
  'preview',
  'inLibrary',
  'mirrors',
  'inBucket',
  'rating',
  'flag',
  'label',
] as const;
/** All that badges may tell of a photo: two that agree in it have the same badges. */
export type Told = Pick<Photo, (typeof TOLD)[number]>;

const drawn = new Map<string, readonly Element[]>();

/** What stands on the square of this photo: `roomy` with words, `pictured` beside its picture. */
export function badgesOf(photo: Told, roomy: boolean, pictured: boolean): Element[] {
  const sort = JSON.stringify([TOLD.map((name) => photo[name]), roomy, pictured]);
  let badges = drawn.get(sort);
  if (badges === undefined) {
    badges = untrack(() => draw(photo, roomy, pictured));
    drawn.set(sort, badges);
  }
  return badges.map((badge) => badge.cloneNode(true) as Element);
}

function draw(photo: Told, roomy: boolean, pictured: boolean): readonly Element[] {
  const target = document.createElement('div');
  const component = mount(Badges, { target, props: { photo, roomy, pictured } });
  const badges = [...target.children];
  void unmount(component);
  return badges;
}
