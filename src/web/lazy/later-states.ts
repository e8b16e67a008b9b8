/**
 * The styles of states that a page is never in at its first paint. `sheet.ts` adds them to the sheet of every chat
 * window.
 */
export { default } from './later-states.css';
