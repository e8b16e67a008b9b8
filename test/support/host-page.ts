/** Another site, whose pages have the element on them, served by a real HTTP server on another port than the relay's. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listenForTrouble } from './browser.ts';
import { within } from './deadline.ts';
import { Stage, until } from './stage.ts';

/** The script of the element, for the head or the body of a page. */
export const ELEMENT = '<script type="module" src="http://RELAY/chat.js"></script>';
/** The attributes of an element that is connected to the relay, quietly and in English. */
export const ATTRIBUTES = 'relay="ws://RELAY" lang="en" heartbeat="off" user="Ann"';

/** What is on a page; `RELAY` in it is the relay's host, and relay.example the relay. */
export interface HostContent {
  /** A module of its own, `app.js` beside the page. */
  readonly script?: string;
  /** Styles of their own, `style.css` beside the page. */
  readonly css?: string;
  readonly body?: string;
  readonly head?: string;
  /** The page's content security policy. */
  readonly policy?: string;
  /** A policy that forbids nothing, but reports what it would. */
  readonly reportOnly?: string;
  /** Of the browser's context. */
  readonly options?: BrowserContextOptions;
}

const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css' };

interface File {
  readonly text: string;
  readonly policy?: string;
  readonly reportOnly?: string;
}

type Files = Map<string, File>;

export class Site {
  readonly #server: Server;
  /** Each file by its path. */
  readonly #files: Files;

  private constructor(server: Server, files: Files) {
    this.#server = server;
    this.#files = files;
  }

  static async open(): Promise<Site> {
    const files: Files = new Map();
    const server = createServer(({ url = '' }, response) => {
      const { text = '', policy = '', reportOnly = '' } = files.get(url) ?? {};
      response.setHeader('Content-Type', TYPES[url.split('.').at(-1) ?? ''] ?? 'text/html');
      if (policy) response.setHeader('Content-Security-Policy', policy);
      if (reportOnly) response.setHeader('Content-Security-Policy-Report-Only', reportOnly);
      response.end(text);
    });
    server.listen(0);
    await once(server, 'listening');
    return new Site(server, files);
  }

  /** Adds a page to the site and opens it in a window of its own. */
  async load(
    stage: Stage,
    { script = '', css = '', body = '', head = '', policy = '', reportOnly = '', options = {} }: HostContent,
  ): Promise<HostPage> {
    const context = await stage.browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', ...options });
    const host = new HostPage(await context.newPage());
    const fill = (text: string) =>
      text.replace(/(http|ws)s:\/\/relay\.example/g, '$1://RELAY').replaceAll('RELAY', stage.relay.host);
    const html = `<!doctype html><html><head><meta charset="utf-8">${head}</head><body>${body}</body></html>`;
    const folder = `/${this.#files.size}/`;
    this.#files.set(folder, { text: fill(html), policy: fill(policy), reportOnly: fill(reportOnly) });
    this.#files.set(`${folder}app.js`, { text: fill(script) });
    this.#files.set(`${folder}style.css`, { text: fill(css) });
    await host.page.goto(`${this.origin}${folder}`);
    return host;
  }

  get origin(): string {
    const address = this.#server.address();
    return `http://localhost:${typeof address === 'object' ? address?.port : 0}`;
  }

  close(): void {
    this.#server.close();
  }
}

/** A page of the other site. */
export class HostPage {
  readonly page: Page;
  readonly trouble: string[];
  /** The addresses of all sockets that the page has opened. */
  readonly dialed: string[] = [];
  /** How many of them are open. */
  open = 0;

  constructor(page: Page) {
    this.page = page;
    this.trouble = listenForTrouble(page);
    page.on('websocket', socket => {
      this.dialed.push(decodeURIComponent(new URL(socket.url()).pathname));
      this.open++;
      socket.on('close', () => this.open--);
    });
  }

  /** Waits until the element is connected to this room. */
  async reaches(room: string): Promise<void> {
    await until(
      async () => (await this.page.locator('h1').textContent()) === room,
      async () => `the room is ${await this.page.locator('h1').textContent()}, not ${room}`,
    );
    await this.page.locator('chat-window[state="connected"]').waitFor({ state: 'attached' });
  }

  /** Closes the window, in which nothing may have gone wrong. */
  async close(): Promise<void> {
    assert.equal(this.trouble, []);
    await this.page.context().close();
  }
}

/** Opens a page of the other site. */
export type Load = (content: HostContent) => Promise<HostPage>;

/** A suite of tests with a relay, a browser and another site. */
export interface HostSuite {
  /** Adds a test, which fails after `testMs` milliseconds. */
  test(name: string, body: (load: Load, stage: Stage) => Promise<void>): void;
  run(): void;
}

/** Makes a suite; `environmentOf` returns the relay's environment, given the origin of the other site. */
export function hostSuite(
  name: string,
  testMs: number,
  environmentOf: (origin: string) => Readonly<Record<string, string>> = () => ({ MAX_PER_ADDRESS: '0' }),
): HostSuite {
  const tests = suite<{ stage: Stage; site: Site }>(name);
  tests.before(async context => {
    context.site = await Site.open();
    context.stage = await Stage.open({ RATE: '0', ...environmentOf(context.site.origin) });
  });
  tests.after(async ({ stage, site }) => {
    await stage?.close();
    site.close();
  });
  return {
    test(name, body) {
      tests(name, ({ stage, site }) => within(() => body(content => site.load(stage, content), stage), testMs)());
    },
    run: () => tests.run(),
  };
}
