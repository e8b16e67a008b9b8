/** Loads a chunk of the page: a file beside the script that the first load does without. */

const chunks = new Map<string, Promise<unknown>>();
let failures = 0;

/**
 * The default export of the chunk at `path`, relative to the script; loaded once, whoever asks. Rejects where it cannot be
 * loaded, and then loads it again when it is next asked for.
 */
export function loadChunk<Default>(path: string): Promise<Default>;
export function loadChunk(path: string): Promise<unknown> {
  const known = chunks.get(path);
  if (known) return known;
  // Some browsers remember for good that a module could not be loaded (Chromium 147), but not under another fragment.
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
