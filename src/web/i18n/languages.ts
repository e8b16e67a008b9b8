/** The types of a language of the page. Each language is a file in this folder, named after its tag in lower case. */
import type en from './en.ts';

/** All texts of the page. Texts that contain a number or a reason are functions. */
export type Words = Readonly<typeof en>;

/** The languages in the build, by tag. `name` is the language's own name for itself, `path` the path of its chunk. */
export type Languages = Readonly<Record<string, { readonly name: string; readonly path: string }>>;
