/** Pages of another site, which embed the element of a relay. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { BrowserContextOptions, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { listenForTrouble } from './browser.ts';
import { type Stage, until } from './stage.ts';

/** The other site: each file by its path, and the security policy of a document. */
const files = new Map<string, string>();
const policies = new Map<string, string>();
const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css' };
const site = createServer((request, response) => {
  const { url = '' } = request;
  response.setHeader('Content-Type', TYPES[url.split('.').at(-1) ?? ''] ?? 'text/html');
  const policy = policies.get(url);
  if (policy !== undefined) response.setHeader('Content-Security-Policy', policy);
  response.end(files.get(url) ?? '');
});

/** Starts the other site. */
export async function openSite(): Promise<void> {
  site.listen(0);
  await once(site, 'listening');
}

export function closeSite(): void {
  site.close();
}

/** The origin of the other site, once it is open. */
export function siteOrigin(): string {
  const address = site.address();
  return `http://localhost:${typeof address === 'object' && address ? address.port : 0}`;
}

export interface HostFiles {
  readonly script?: string;
  readonly css?: string;
  readonly body?: string;
  readonly head?: string;
  readonly policy?: string;
  /** Of the browser's context. */
  readonly options?: BrowserContextOptions;
}

/** A page of the other site. */
export class HostPage {
  readonly page: Page;
  readonly trouble: string[];
  /** The addresses of all sockets that the page has opened. */
  readonly dialed: string[] = [];
  /** How many of them are open. */
  open = 0;

  private constructor(page: Page) {
    this.page = page;
    this.trouble = listenForTrouble(page);
    page.on('websocket', socket => {
      this.dialed.push(decodeURIComponent(new URL(socket.url()).pathname));
      this.open++;
      socket.on('close', () => this.open--);
    });
  }

  /**
   * Opens the page. `script` and `css` are files of their own, and `policy` is its security policy. In all of them,
   * `RELAY` is the relay's host, and relay.example the relay.
   */
  static async load(
    stage: Stage,
    { script = '', css = '', body = '', head = '', policy = '', options = {} }: HostFiles,
  ): Promise<HostPage> {
    const context = await stage.browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', ...options });
    const host = new HostPage(await context.newPage());
    const fill = (text: string) =>
      text.replace(/(http|ws)s:\/\/relay\.example/g, '$1://RELAY').replaceAll('RELAY', stage.relay.host);
    const html = `<!doctype html><html><head><meta charset="utf-8">${head}</head><body>${body}</body></html>`;
    const folder = `/${files.size}/`;
    files.set(folder, fill(html));
    files.set(`${folder}app.js`, fill(script));
    files.set(`${folder}style.css`, fill(css));
    if (policy) policies.set(folder, fill(policy));
    await host.page.goto(`${siteOrigin()}${folder}`);
    return host;
  }

  /** Waits until the element is connected to this room. */
  async reaches(room: string): Promise<void> {
    await until(
      async () => (await this.page.locator('h1').textContent()) === room,
      async () => `the room is ${await this.page.locator('h1').textContent()}, not ${room}`,
    );
    await this.page.locator('chat-window[state="connected"]').waitFor({ state: 'attached' });
  }

  async close(): Promise<void> {
    assert.equal(this.trouble, []);
    await this.page.context().close();
  }
}

export const ELEMENT = '<script type="module" src="http://RELAY/chat.js"></script>';
export const ATTRIBUTES = 'relay="ws://RELAY" lang="en" heartbeat="off" user="Ann"';
