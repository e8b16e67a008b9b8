/** What the build makes of the page's chunks: see scripts/page-chunks.ts. */

/** Where the chunk made of a file is, relative to the script, for `loadChunk`. */
declare module '*?chunk' {
  const path: string;
  export default path;
}

/** The languages of a folder. */
declare module '*?languages' {
  const languages: import('./i18n/languages.ts').Languages;
  export default languages;
}
