/** Arithmetic of 100 %: one pixel of the picture on one of the screen. */
import { words } from '../words';

export interface Size {
  width: number;
  height: number;
}

/** The place in a picture that was pointed at, as shares of its sides. */
export interface Spot {
  x: number;
  y: number;
}

export const MIDDLE: Spot = { x: 0.5, y: 0.5 };

/** The size at which each pixel has one of the screen's, in the page's own units. */
export function exact(picture: Size, density: number): Size {
  return { width: picture.width / density, height: picture.height / density };
}

/** Where `point` lies in a picture that is shown whole in the middle of `stage`. */
export function spotAt(point: Spot, stage: Size, picture: Size): Spot {
  const scale = Math.min(stage.width / picture.width, stage.height / picture.height);
  const clamp = (share: number): number => Math.min(Math.max(share, 0), 1);
  return {
    x: clamp((point.x - stage.width / 2) / (picture.width * scale) + 0.5),
    y: clamp((point.y - stage.height / 2) / (picture.height * scale) + 0.5),
  };
}

/** How far to scroll so that `spot` of a picture of this size is in the middle of the stage. */
export function scrollTo(spot: Spot, stage: Size, shown: Size): { left: number; top: number } {
  return {
    left: Math.max(0, spot.x * shown.width - stage.width / 2),
    top: Math.max(0, spot.y * shown.height - stage.height / 2),
  };
}

/** What is seen at 100 %, in words: a raw file's own pixels are not, its largest picture is. */
export function zoomWords(raw: boolean, shown: Size | null, original: Size | null): string {
  const { zoom } = words.viewer;
  const by = ({ width, height }: Size): string => zoom.size(width, height);
  if (!shown) return zoom.reading;
  if (raw && original && shown.width < original.width * 0.98)
    return zoom.ofRaw(by(shown), by(original));
  return zoom.whole(by(shown));
}
