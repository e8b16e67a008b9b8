/**
 * The script of a room in a frame on another page, at `/embed/rooms/:room`. It runs before that of the chat window, and
 * gives it what the host page chooses in the query: `lang`, `theme` and `user`. The chat window finds the room itself, so
 * that it shows no other if this script cannot be loaded.
 */

const chat = document.querySelector('chat-window');
const query = new URLSearchParams(location.search);
for (const name of ['lang', 'theme', 'user']) {
  const value = query.get(name);
  if (value) chat?.setAttribute(name, value);
}
