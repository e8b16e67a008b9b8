/**
 * The script of a room in a frame on another page, at `/embed/rooms/:room`. It runs before that of the chat window, and
 * gives it the room, and what the host page chooses in the query: `lang`, `theme` and `user`.
 */
import { roomOfPath } from './browser/address.ts';

const chat = document.querySelector('chat-window');
const { pathname, search } = location;
const query = new URLSearchParams(search);
chat?.setAttribute('room', roomOfPath(pathname.replace(/^\/embed/, '')));
for (const name of ['lang', 'theme', 'user']) {
  const value = query.get(name);
  if (value) chat?.setAttribute(name, value);
}
