/** Makes links of the addresses in a message. A chunk: most messages have none. */
import type { element } from '../browser/dom.ts';
import { splitLinks } from '../messages/links.ts';

const REL = 'noopener noreferrer nofollow ugc';

/**
 * Replaces a text with itself, its addresses being links. A link has a direction of its own, which isolates it (UAX #9):
 * an override before it cannot make it look like another address.
 */
export default function addLinks(text: ChildNode, make: typeof element): void {
  const parts = splitLinks(text.textContent ?? '').map(part =>
    part.href === undefined
      ? part.text
      : make('a', { dir: 'ltr', href: part.href, target: '_blank', rel: REL }, part.text),
  );
  text.replaceWith(...parts);
}
