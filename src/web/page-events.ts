/** What a page hears of its own life, made from the browser's events. There is no `unload` among them, on purpose. */
import type { PageEvent, PageEvents } from './line.ts';

export const browserPage: PageEvents = {
  get hidden() {
    return document.hidden;
  },
  listen(listener) {
    const stop = new AbortController();
    const on = (target: EventTarget, type: string, event: () => PageEvent) =>
      target.addEventListener(type, () => listener(event()), { signal: stop.signal });
    on(document, 'visibilitychange', () => (document.hidden ? 'hidden' : 'visible'));
    on(document, 'resume', () => 'resume');
    for (const type of ['online', 'offline', 'pageshow', 'pagehide'] as const) on(window, type, () => type);
    return () => stop.abort();
  },
};
