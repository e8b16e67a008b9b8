/** <chat-window> and <chat-launcher> in the templates of Vue 3. */
import type { DefineComponent } from 'vue';
import type { ChatLauncherAttributes, ChatWindowAttributes, ChatWindowEvents } from './chat-window.js';

type Listeners = {
  [Type in keyof ChatWindowEvents as `on${Capitalize<Type>}`]?: (event: ChatWindowEvents[Type]) => void;
};

declare module 'vue' {
  interface GlobalComponents {
    'chat-window': DefineComponent<ChatWindowAttributes & Listeners>;
    'chat-launcher': DefineComponent<ChatLauncherAttributes & { onToggle?: (event: Event) => void }>;
  }
}
