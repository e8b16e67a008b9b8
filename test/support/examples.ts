/** Reads the examples of a document: its fenced blocks of code. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Example {
  /** The heading above it. */
  readonly heading: string;
  readonly language: string;
  readonly code: string;
}

/** The examples of a document, whose path is relative to the project, in order. */
export function examplesOf(document: string): Example[] {
  const text = readFileSync(fileURLToPath(new URL(`../../${document}`, import.meta.url)), 'utf8');
  let heading = '';
  return [...text.matchAll(/^#+ (.+)$|^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, title, language, code]) => {
    if (title !== undefined) heading = title;
    return language === undefined || code === undefined ? [] : [{ heading, language, code }];
  });
}

/** The only example in this language below this heading. Throws if there is none, or another. */
export function exampleOf(document: string, heading: string, language: string): string {
  const found = examplesOf(document).filter(example => example.heading === heading && example.language === language);
  const [example] = found;
  if (!example || found.length > 1) throw new Error(`${document} has ${found.length} ${language} below ${heading}`);
  return example.code;
}
