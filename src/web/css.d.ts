/** Style sheets are bundled as text, for a constructed style sheet. */
declare module '*.css' {
  const text: string;
  export default text;
}
