/** Small choices that are remembered from one start to the next. They are a comfort: losing them costs nothing. */
export function kept(name: string, otherwise: boolean): boolean;
export function kept(name: string, otherwise: number): number;
export function kept(name: string, otherwise: boolean | number): boolean | number {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(`kept.${name}`) ?? 'null');
    return typeof found === 'boolean' || typeof found === 'number'
      ? sameKind(found, otherwise)
      : otherwise;
  } catch {
    return otherwise;
  }
}

function sameKind(found: boolean | number, otherwise: boolean | number): boolean | number {
  return typeof found === typeof otherwise ? found : otherwise;
}

export function keep(name: string, value: number | boolean): void {
  try {
    localStorage.setItem(`kept.${name}`, JSON.stringify(value));
  } catch {
    // A full or forbidden storage: the choice holds until the window closes.
  }
}
