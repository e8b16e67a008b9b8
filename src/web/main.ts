/**
 * The script of the page, also for other sites: defines <chat-window>, once however often it is loaded, and sets the
 * title and language of the relay's own page.
 */
// First, because styles in the middle of the code make the compressed script 40 bytes larger.
import './sheet.ts';
import { LOBBY } from './browser/address.ts';
import { ChatWindow } from './chat-window.ts';

if (!customElements.get('chat-window')) customElements.define('chat-window', ChatWindow);

const page = document.querySelector('chat-window[data-page]');
if (page instanceof ChatWindow) {
  const update = () => {
    const { words, room } = page;
    if (!words) return;
    document.documentElement.lang = words.tag;
    document.title = `${room === LOBBY ? words.lobby : room} · Heartline`;
  };
  for (const name of ['state', 'language']) page.addEventListener(name, update);
}
