/** Offers the link of a room in which nobody has said anything, on the relay's own page. */
import type { button, element } from '../../browser/dom.ts';
import type { Words } from '../../i18n/languages.ts';
import type { Copy } from './clipboard.ts';

export interface InvitationContext {
  readonly words: Words;
  readonly list: Element;
  readonly copy: Copy;
  readonly element: typeof element;
  readonly button: typeof button;
}

export function mountInvitation({ words, list, copy, element, button }: InvitationContext): void {
  const root = list.getRootNode();
  // Another page has an address of its own, and may not want its visitors to leave.
  if (!(root instanceof ShadowRoot && root.host.getAttribute('data-page') === '')) return;
  const link = `${location.origin}${location.pathname}`;
  const share = button(
    () => words.share,
    'link',
    // It rejects when the user does not share it after all.
    () => void navigator.share({ url: link }).catch(() => {}),
  );
  share.hidden = !('share' in navigator);
  list.querySelector('.quiet')?.append(
    element(
      'span',
      { class: 'invitation' },
      element('bdi', {}, decodeURI(link).replace(/^https?:\/\//, '')),
      button(
        () => words.copyLink,
        'link',
        () => void copy(link),
      ),
      share,
    ),
  );
}
