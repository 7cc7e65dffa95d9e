/**
 * Takes everything beside an element out of the keyboard's and the screen reader's way while it is
 * there, as the platform does for a modal dialog. What comes later lies above it and stays reachable.
 */
export function alone(element: HTMLElement): () => void {
  const aside: HTMLElement[] = [];
  for (let at = element; at.parentElement && at !== document.body; at = at.parentElement) {
    for (const beside of at.parentElement.children) {
      if (beside === at || !(beside instanceof HTMLElement) || beside.inert) continue;
      beside.inert = true;
      aside.push(beside);
    }
  }
  return () => {
    for (const beside of aside) beside.inert = false;
  };
}
