/** Older messages over HTTP, which are needed only once someone scrolls up: the client's, as a chunk. */
export { fetchHistory as default } from '../client/history.ts';
