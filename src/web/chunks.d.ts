/** The modules that the build makes for the page's chunks and scripts: see scripts/page.ts. */

/** The path of a file's chunk, relative to the script, for `loadChunk`. */
declare module '*?chunk' {
  const path: string;
  export default path;
}

/** The languages of a folder. */
declare module '*?languages' {
  const languages: import('./i18n/languages.ts').Languages;
  export default languages;
}

/** Another script of the page, which is loaded first. It exports nothing. */
declare module '*?script' {}
