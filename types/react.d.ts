/** <chat-window> and <chat-launcher> in the JSX of React 19. */
import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type {
  ChatLauncherAttributes,
  ChatWindowAttributes,
  ChatWindowListeners,
  HTMLChatLauncherElement,
  HTMLChatWindowElement,
} from './chat-window.js';

type Own = ChatWindowAttributes & ChatWindowListeners;
type Launcher = ChatLauncherAttributes & { ontoggle?: (event: Event) => void };

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'chat-window': Omit<DetailedHTMLProps<HTMLAttributes<HTMLChatWindowElement>, HTMLChatWindowElement>, keyof Own> &
        Own;
      'chat-launcher': Omit<
        DetailedHTMLProps<HTMLAttributes<HTMLChatLauncherElement>, HTMLChatLauncherElement>,
        keyof Launcher
      > &
        Launcher;
    }
  }
}
