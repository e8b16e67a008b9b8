/** Copies several messages as a line each, with name and time. */
import { selectionAround } from './focus.ts';

/**
 * From now on, copying in `list` puts a line `Ann, 22:18: text` for each selected message into the clipboard, if at least
 * a part of two is selected. Anything else is copied by the browser as it is.
 */
export default function copyLines(list: HTMLElement): void {
  list.oncopy = event => copy(event, list);
}

function copy(event: ClipboardEvent, list: Element): void {
  const selection = selectionAround(list);
  if (!selection?.rangeCount) return;
  const range = selection.getRangeAt(0);
  const texts = [...list.querySelectorAll(':not([hidden]) > li > .text')].filter(text => range.intersectsNode(text));
  if (texts.length < 2) return;
  const lines = texts.map(text => {
    const part = document.createRange();
    part.selectNodeContents(text);
    if (text.contains(range.startContainer)) part.setStart(range.startContainer, range.startOffset);
    if (text.contains(range.endContainer)) part.setEnd(range.endContainer, range.endOffset);
    const [user, time] = ['bdi', 'time'].map(name => text.parentElement?.querySelector(name)?.textContent);
    return `${user}, ${time}: ${part}`;
  });
  event.clipboardData?.setData('text/plain', lines.join('\n'));
  event.preventDefault();
}
