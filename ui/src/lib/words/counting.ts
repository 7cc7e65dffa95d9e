import { count } from '../common/figures';

/** The forms a word takes beside a number; languages have more or fewer of them. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** Chooses among forms as a language does: `of({ one: 'photo', other: 'photos' })(2)` -> `photos`. */
export function choosing(language: string): (forms: Forms) => (n: number) => string {
  const rules = new Intl.PluralRules(language);
  return (forms) => (n) => forms[rules.select(n)] ?? forms.other;
}

/** The same with the number before it: `2 photos`. */
export function counting(language: string): (forms: Forms) => (n: number) => string {
  const choose = choosing(language);
  return (forms) => {
    const form = choose(forms);
    return (n) => `${count(n)} ${form(n)}`;
  };
}
