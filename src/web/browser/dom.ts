/**
 * Makes elements without parsing markup, as a page with Trusted Types requires. What they say in the language of the page
 * can be said again in another one, in place.
 */

/** Returns a text as it is now, in the language of the page and the state of things. */
export type Label = () => string | undefined;

/** What brings an element up to date. */
const labels = new WeakMap<Node, () => void>();

/** Runs `update` now and at every {@link relabel}. Returns the element. An element has one label at most. */
export function label<Labelled extends Node>(labelled: Labelled, update: () => void): Labelled {
  labels.set(labelled, update);
  update();
  return labelled;
}

/** Brings all labels in `root`, itself included, up to date. */
export function relabel(root: ParentNode): void {
  for (const each of [root, ...root.querySelectorAll('*')]) labels.get(each)?.();
}

/** An element with attributes and children. A string becomes text, never markup; a label is the only child. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string | Label)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  for (const child of children) {
    if (typeof child !== 'function') made.append(child);
    else {
      const text = made.appendChild(document.createTextNode(''));
      label(made, () => {
        const now = child() ?? '';
        // A text that stays the same keeps its selection.
        if (text.data !== now) text.data = now;
      });
    }
  }
  return made;
}

/** A button that does not submit a form; its visible text is its accessible name. */
export function button(text: string | Label, className: string, press: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', class: className }, text);
  made.onclick = press;
  return made;
}
