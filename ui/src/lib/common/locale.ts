/**
 * Makes something once a locale. What writes dates and numbers costs a hundred times more to make
 * than to use, and a grid writes hundreds of them while it is scrolled.
 */
export function perLocale<T>(make: (locale?: string) => T): (locale?: string) => T {
  const made = new Map<string | undefined, T>();
  return (locale) => {
    const known = made.get(locale);
    if (known !== undefined) return known;
    const fresh = make(locale);
    made.set(locale, fresh);
    return fresh;
  };
}
