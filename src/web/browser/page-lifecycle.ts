/**
 * Reports the page's lifecycle from the browser's events. `unload` and `beforeunload` are not among them, because
 * listening to them keeps a page out of the back/forward cache.
 */
import type { PageEvent, PageLifecycle } from '../client/client.ts';

const NAMES = ['visibilitychange', 'resume', 'online', 'offline', 'pageshow', 'pagehide'] as const;

export const browserLifecycle: PageLifecycle = {
  get hidden() {
    return document.hidden;
  },
  listen(listener: (event: PageEvent) => void) {
    const stop = new AbortController();
    // By capturing, the window receives its document's events too.
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
