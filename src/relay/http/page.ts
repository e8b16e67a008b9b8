/** Serves the page: its document in the language that the browser asks for, and its files. */
import type { Context, Handler, Hono } from 'hono';
import { chooseLanguage } from '../../protocol/language.ts';
import { acceptedLanguages } from './accept-language.ts';
import { notFound } from './errors.ts';
import { CHUNK_PATHS, IMMUTABLE } from './file-headers.ts';
import type { AppEnv } from './room-route.ts';

export interface PageOptions {
  /** Answers with a file of the page; `undefined` if the path does not exist. */
  readonly asset: (c: Context, path: string) => Response | undefined | Promise<Response | undefined>;
  /** The languages of the page, as tags in lower case. Each has an asset `/localized/TAG.html`. */
  readonly languages: () => readonly string[] | Promise<readonly string[]>;
}

/** The path of a file. Runtimes disagree about what others mean, such as `//`, `/a%20` or `/./a`. */
const PATH = /^(?:\/\w[\w.-]*)+$/;

/** Answers with the document, which preloads the words of its language. */
export function pageIn({ asset, languages }: Pick<PageOptions, 'asset' | 'languages'>): Handler<AppEnv> {
  return async c => {
    const wanted = acceptedLanguages(c.req.header('Accept-Language') ?? '');
    const language = chooseLanguage(wanted, await languages());
    c.res = (await asset(c, `/localized/${language}.html`)) ?? (await asset(c, '/index.html')) ?? notFound(c);
    c.header('Vary', 'Accept-Language', { append: true });
    return c.res;
  };
}

/** Answers with the document of a frame on another page. Nothing of it depends on the language. */
export function embeddedPageIn({ asset }: Pick<PageOptions, 'asset'>): Handler<AppEnv> {
  return async c => (await asset(c, '/embed.html')) ?? notFound(c);
}

/** Adds the routes of files. To be called after every other route, because it matches any path. */
export function addFiles(app: Hono<AppEnv>, { asset }: PageOptions): void {
  app.use(CHUNK_PATHS, async (c, next) => {
    await next();
    if (c.res.ok || c.res.status === 304) c.header('Cache-Control', IMMUTABLE);
  });
  app.get('/localized/*', notFound);
  app.get('*', async c => (PATH.test(c.req.path) ? await asset(c, c.req.path) : undefined) ?? notFound(c));
}
