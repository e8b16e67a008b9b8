/** The script of the page, and all that a foreign page needs: defines <chat-window>, and names the relay's own page. */
import { LOBBY } from './browser/address.ts';
import { ChatWindow } from './chat-window.ts';
import { LANGUAGES } from './i18n/languages.ts';

customElements.define('chat-window', ChatWindow);

const page = document.querySelector('chat-window[data-page]');
if (page instanceof ChatWindow) {
  name(page);
  page.addEventListener('state', () => name(page));
}

function name(chat: ChatWindow): void {
  const room = chat.room === LOBBY ? LANGUAGES[chat.language].lobby : chat.room;
  document.documentElement.lang = chat.language === 'zh' ? 'zh-CN' : 'en';
  document.title = `${room} · Heartline`;
}
