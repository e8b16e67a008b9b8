/** What has the focus and what is selected, where an element is: in its shadow root, or on the page. */

/** The element with the focus. */
export function focusedAround(node: Node): Element | null {
  const root: Node & { readonly activeElement?: Element | null } = node.getRootNode();
  return root.activeElement ?? null;
}

export function selectionAround(node: Node): Selection | null {
  const root: Node & { getSelection?(): Selection | null } = node.getRootNode();
  // Chromium has a selection for each shadow root; other browsers have one for the document.
  return root.getSelection?.() ?? document.getSelection();
}
