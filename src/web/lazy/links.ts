/** Makes links of the addresses in a message. A chunk: most messages have none. */
import type { element } from '../browser/dom.ts';
import { splitLinks } from '../messages/links.ts';

/** Replaces a text with itself, its addresses being links. */
export default function addLinks(text: ChildNode, make: typeof element): void {
  const parts = splitLinks(text.textContent ?? '').map(part =>
    part.href === undefined
      ? part.text
      : make('a', { href: part.href, target: '_blank', rel: 'noopener noreferrer nofollow ugc' }, part.text),
  );
  text.replaceWith(...parts);
}
