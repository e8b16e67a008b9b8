/** The script of the page, and all that a foreign page needs: defines <chat-window>, and names the relay's own page. */
// Before all others: styles in the midst of code make the script 40 bytes larger as it is sent.
import './sheet.ts';
import { LOBBY } from './browser/address.ts';
import { ChatWindow } from './chat-window.ts';

customElements.define('chat-window', ChatWindow);

const page = document.querySelector('chat-window[data-page]');
if (page instanceof ChatWindow) {
  page.addEventListener('state', () => {
    const { words, room } = page;
    if (!words) return;
    document.documentElement.lang = words.tag;
    document.title = `${room === LOBBY ? words.lobby : room} · Heartline`;
  });
}
