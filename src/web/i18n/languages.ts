/**
 * The types of a language of the page. Each language is a file in this folder, named after its tag in lower case. The
 * build makes two chunks of it: the words of the first paint, its default export, and those of later states, `later`.
 */
import type en from './en.ts';
import type { later } from './en.ts';

/** The words of the first paint. Texts that contain a number or a reason are functions. */
export type FirstWords = Readonly<typeof en>;

/** The words of states that come later. */
export type LaterWords = Readonly<typeof later>;

/** All texts of the page. Those of later states are missing until they have loaded. */
export type Words = FirstWords & Partial<LaterWords>;

/**
 * The languages in the build, by tag. `name` is the language's own name for itself, `path` the path of the chunk with
 * its words of the first paint, `later` that of the others.
 */
export type Languages = Readonly<
  Record<string, { readonly name: string; readonly path: string; readonly later: string }>
>;
