/** The style sheet of every chat window, made once. */
import text from './chat-window.css';

export const sheet = new CSSStyleSheet();
sheet.replaceSync(text);
