/** <chat-window> in the JSX of React 19. */
import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { ChatWindowAttributes, ChatWindowListeners, HTMLChatWindowElement } from './chat-window.js';

type Own = ChatWindowAttributes & ChatWindowListeners;

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'chat-window': Omit<DetailedHTMLProps<HTMLAttributes<HTMLChatWindowElement>, HTMLChatWindowElement>, keyof Own> &
        Own;
    }
  }
}
