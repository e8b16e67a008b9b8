/** <chat-window> and <chat-launcher> in the templates of Vue 3. */
import type { DefineComponent } from 'vue';
import type { ChatLauncherAttributes, ChatWindowAttributes, ChatWindowEventMap } from './chat-window.js';

type Listeners = {
  [Type in 'message' | 'state' | 'people' | 'language' | 'unread' | 'error' as `on${Capitalize<Type>}`]?: (
    event: ChatWindowEventMap[Type],
  ) => void;
};

declare module 'vue' {
  interface GlobalComponents {
    'chat-window': DefineComponent<ChatWindowAttributes & Listeners>;
    'chat-launcher': DefineComponent<ChatLauncherAttributes & { onToggle?: (event: Event) => void }>;
  }
}
