/**
 * The styles of what a page never shows at its first paint: it comes after the connection. `sheet.ts` adds them to the sheet of every chat
 * window.
 */
export { default } from './later-states.css';
