/** The client's history as a chunk: it is needed only when someone scrolls up. */
export { fetchHistory as default } from '../client/history.ts';
