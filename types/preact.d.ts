/** <chat-window> in the JSX of Preact. */
import type { HTMLAttributes } from 'preact';
import type { ChatWindowAttributes, ChatWindowListeners, HTMLChatWindowElement } from './chat-window.js';

type Own = ChatWindowAttributes & ChatWindowListeners;

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'chat-window': Omit<HTMLAttributes<HTMLChatWindowElement>, keyof Own> & Own;
    }
  }
}
