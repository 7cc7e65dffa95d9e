/**
 * All words the window shows, in the language it speaks. Components hold none: a test reads them.
 *
 * Another language is another object of this shape: a word that is missing does not compile. What
 * is counted or put together is a function, because languages do it differently.
 */
import { en } from './en';

export type Words = typeof en;

export const words: Words = en;
