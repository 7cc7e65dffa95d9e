/** Calls `then` once nobody has touched the window for so many minutes; returns how to stop. */
export function whenIdle(
  minutes: number,
  then: () => void,
  target: EventTarget = window,
): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const touch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(then, minutes * 60_000);
  };
  const touches = ['pointermove', 'pointerdown', 'keydown', 'wheel'];
  for (const name of touches) target.addEventListener(name, touch, { passive: true });
  touch();
  return () => {
    clearTimeout(timer);
    for (const name of touches) target.removeEventListener(name, touch);
  };
}
