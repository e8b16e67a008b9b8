/**
 * Notices that the content security policy of the page forbids the connection to the relay: it is needed after an
 * attempt has failed, and the next attempt is reported again.
 */

/**
 * Calls `blocked` when the page's policy forbids a connection to `url`, and then no more. Returns the function that stops
 * listening. `script` is the address of a script of the element.
 */
export default function watchPolicy(url: string, blocked: () => void, script: string = import.meta.url): () => void {
  const { protocol, origin } = new URL(url);
  const stop = new AbortController();
  document.addEventListener(
    'securitypolicyviolation',
    ({ effectiveDirective, disposition, blockedURI, sourceFile }) => {
      if (effectiveDirective !== 'connect-src' || disposition !== 'enforce') return;
      // Some browsers report the scheme only, which anyone's connection has. They say which script wanted to connect.
      const isOurs = `${blockedURI}:` === protocol && originOf(sourceFile) === originOf(script);
      if (!isOurs && blockedURI !== url && blockedURI !== origin) return;
      stop.abort();
      blocked();
    },
    { signal: stop.signal },
  );
  return () => stop.abort();
}

/** The origin of an address; `undefined` if it is none. */
function originOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).origin : undefined;
}
