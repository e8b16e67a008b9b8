/** What a language of the page is. Each is a file of its own here, named by its tag in lower case; the build finds them. */
import type en from './en.ts';

/** Every sentence of the page, the same keys in each language; those with a number or a reason in them are functions. */
export type Words = Readonly<typeof en>;

/** The languages that were built, by tag. `name` is a language's own for itself, `path` its chunk. */
export type Languages = Readonly<Record<string, { readonly name: string; readonly path: string }>>;
