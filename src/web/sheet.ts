/**
 * The style sheet of every chat window, made once. The styles of later states are a chunk, and are added when it has
 * loaded.
 */

import { loadChunk } from './browser/chunk.ts';
import text from './chat-window.css';
import laterStates from './lazy/later-states.ts?chunk';

const RETRY_MS = 5000;

export const sheet = new CSSStyleSheet();
sheet.replaceSync(text);
addLaterStates();

function addLaterStates(): void {
  loadChunk<string>(laterStates).then(
    states => sheet.replaceSync(text + states),
    () => setTimeout(addLaterStates, RETRY_MS),
  );
}
