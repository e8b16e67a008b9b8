/** Loads a chunk of the page: a file that is not part of the first load. */

const chunks = new Map<string, Promise<unknown>>();
let failures = 0;

/**
 * Returns the default export of the chunk at `path`, relative to the script. Each chunk is loaded once. Rejects if it
 * cannot be loaded; the next call tries again.
 */
export function loadChunk<Default>(path: string): Promise<Default>;
export function loadChunk(path: string): Promise<unknown> {
  const known = chunks.get(path);
  if (known) return known;
  // Some browsers (Chromium 147) never retry a module that failed to load, unless its URL has another fragment.
  const url = failures ? `${path}#${failures}` : path;
  const chunk = import(url).then(
    module => module.default,
    error => {
      failures++;
      chunks.delete(path);
      throw error;
    },
  );
  chunks.set(path, chunk);
  return chunk;
}
