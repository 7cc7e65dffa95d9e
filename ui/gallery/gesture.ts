/** The arithmetic of fingers: how a picture lies in its frame, zoomed and moved. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A picture's magnification over "fits", and how far its middle is from the frame's. */
export interface Pose {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export const FITS: Pose = { scale: 1, x: 0, y: 0 };
const LARGEST = 8;

/** The size at which a picture fits the frame; never larger than its own pixels. */
export function fit(picture: Size, frame: Size): Size {
  const by = Math.min(frame.width / picture.width, frame.height / picture.height, 1);
  return { width: picture.width * by, height: picture.height * by };
}

/** Keeps the picture covering the frame where it is larger, and in the middle where it is not. */
export function within(pose: Pose, fitted: Size, frame: Size): Pose {
  const scale = Math.min(LARGEST, Math.max(1, pose.scale));
  if (scale === 1) return FITS;
  const room = (length: number, space: number): number => Math.max(0, (length * scale - space) / 2);
  const across = room(fitted.width, frame.width);
  const down = room(fitted.height, frame.height);
  return {
    scale,
    x: Math.min(across, Math.max(-across, pose.x)),
    y: Math.min(down, Math.max(-down, pose.y)),
  };
}

/** Magnifies so that what lies under `at` (from the frame's middle) stays under it. */
export function zoomAt(pose: Pose, scale: number, at: Point): Pose {
  const by = scale / pose.scale;
  return { scale, x: at.x - (at.x - pose.x) * by, y: at.y - (at.y - pose.y) * by };
}

/** The magnification at which one pixel of the picture is one of the screen; at least twice. */
export function fullScale(picture: Size, fitted: Size, density: number): number {
  return Math.min(LARGEST, Math.max(2, picture.width / density / fitted.width));
}

export function distance(one: Point, two: Point): number {
  return Math.hypot(one.x - two.x, one.y - two.y);
}

export function middle(one: Point, two: Point): Point {
  return { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 };
}

/** Where a swipe goes: far or fast enough is the next or previous photo. */
export function swiped(moved: number, milliseconds: number, width: number): -1 | 0 | 1 {
  const isFast = Math.abs(moved) > 24 && Math.abs(moved) / Math.max(1, milliseconds) > 0.4;
  if (!isFast && Math.abs(moved) < width * 0.3) return 0;
  return moved < 0 ? 1 : -1;
}
