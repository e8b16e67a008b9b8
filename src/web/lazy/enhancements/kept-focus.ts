/** Keeps the focus in the list: what has it may be replaced when a message is stored, edited or erased. */
import { focusedAround } from './focus.ts';
import { seqOf } from './rows.ts';

export interface KeptFocus {
  /** To be called before the list changes. */
  note(): void;
  /** To be called after it. Focuses what has replaced the element that had the focus, or the list if nothing has. */
  restore(): void;
}

/** The element with the focus, and the row that it is in. */
interface Noted {
  readonly focused: HTMLElement;
  readonly row: Element;
  /** The newest stored message; 0 if the row is not that of an outgoing one, which alone needs it. */
  readonly newest: number;
}

export function keepFocus(scroller: HTMLElement): KeptFocus {
  let noted: Noted | undefined;

  const textOf = (row: Element) => row.querySelector('.text')?.textContent;
  const linksIn = (text: Element | null | undefined) => [...(text?.querySelectorAll<HTMLElement>('a') ?? [])];
  /** The row itself if it is still there, the same outgoing message in another state, or the stored one. */
  const successorOf = ({ row, newest }: Noted): Element | undefined => {
    if (row.isConnected) return row;
    const id = row.getAttribute('data-id');
    if (id === null) return undefined;
    const rows = [...scroller.querySelectorAll('li.own')];
    // Outgoing messages are stored in their order, so the first with the same text is the one.
    const isStored = (other: Element) => seqOf(other) > newest && textOf(other) === textOf(row);
    return rows.find(other => other.getAttribute('data-id') === id) ?? rows.find(isStored);
  };

  return {
    note() {
      noted = undefined;
      const focused = focusedAround(scroller);
      const row = scroller.contains(focused) && focused?.closest('li');
      if (!row || !(focused instanceof HTMLElement)) return;
      const stored = row.hasAttribute('data-id') ? [...scroller.querySelectorAll('[data-seq]')] : [];
      noted = { focused, row, newest: Math.max(0, ...stored.map(seqOf)) };
    },
    restore() {
      if (!noted || noted.focused.isConnected) return;
      const lost = noted;
      noted = undefined;
      // An edit has taken the old text out of a row that stays.
      const index = linksIn(lost.focused.closest('.text')).indexOf(lost.focused);
      // Links are put into the text of a new row a moment after it has been made.
      setTimeout(() => {
        if (document.activeElement !== document.body) return;
        const link = linksIn(successorOf(lost)?.querySelector('.text'))[index];
        (link ?? scroller).focus({ preventScroll: true });
      }, 0);
    },
  };
}
