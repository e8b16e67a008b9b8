/** <chat-window> and <chat-launcher> in the JSX of Preact. */
import type { HTMLAttributes } from 'preact';
import type {
  ChatLauncherAttributes,
  ChatWindowAttributes,
  ChatWindowListeners,
  HTMLChatLauncherElement,
  HTMLChatWindowElement,
} from './chat-window.js';

type Own = ChatWindowAttributes & ChatWindowListeners;
type Launcher = ChatLauncherAttributes & { ontoggle?: (event: Event) => void };

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'chat-window': Omit<HTMLAttributes<HTMLChatWindowElement>, keyof Own> & Own;
      'chat-launcher': Omit<HTMLAttributes<HTMLChatLauncherElement>, keyof Launcher> & Launcher;
    }
  }
}
