/** The script of <chat-launcher>: loads that of <chat-window> and defines the launcher, once however often it is loaded. */
import '../main.ts?script';
import { ChatLauncher } from './chat-launcher.ts';

if (!customElements.get('chat-launcher')) customElements.define('chat-launcher', ChatLauncher);
