/** Gives styles to a chat window that has something more in it. */

const sheets = new Map<string, CSSStyleSheet>();

/** Adds these styles to the shadow root that `node` is in, once. */
export function adopt(node: Node, text: string): void {
  const root = node.getRootNode();
  if (!(root instanceof ShadowRoot)) return;
  let sheet = sheets.get(text);
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    sheets.set(text, sheet);
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
}
