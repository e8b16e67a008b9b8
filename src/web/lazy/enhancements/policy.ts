/**
 * Notices that the content security policy of the page forbids the connection to the relay. A chunk: it is needed after an
 * attempt has failed, and the next attempt is reported again.
 */

/**
 * Calls `blocked` when the page's policy forbids a connection to `url`, and then no more. Returns the function that stops
 * listening.
 */
export default function watchPolicy(url: string, blocked: () => void): () => void {
  const stop = new AbortController();
  document.addEventListener(
    'securitypolicyviolation',
    ({ effectiveDirective, blockedURI }) => {
      // Some browsers report the scheme only.
      if (effectiveDirective !== 'connect-src' || !blockedURI || !url.startsWith(blockedURI)) return;
      stop.abort();
      blocked();
    },
    { signal: stop.signal },
  );
  return () => stop.abort();
}
