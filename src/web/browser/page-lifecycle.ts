/** What a page hears of its own life, made from the browser's events. There is no `unload` among them, on purpose. */
import type { PageEvent, PageLifecycle } from '../client/client.ts';

const NAMES = ['visibilitychange', 'resume', 'online', 'offline', 'pageshow', 'pagehide'] as const;

export const browserLifecycle: PageLifecycle = {
  get hidden() {
    return document.hidden;
  },
  listen(listener: (event: PageEvent) => void) {
    const stop = new AbortController();
    // The window hears its document's events too, on their way down.
    const options = { capture: true, signal: stop.signal };
    for (const name of NAMES) {
      addEventListener(
        name,
        () => listener(name !== 'visibilitychange' ? name : document.hidden ? 'hidden' : 'visible'),
        options,
      );
    }
    return () => stop.abort();
  },
};
