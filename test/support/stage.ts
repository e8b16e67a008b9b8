/** A relay, a proxy in front of it, and a browser with windows of the page. */
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { launchBrowser, listenForTrouble } from './browser.ts';
import { TcpProxy } from './proxy.ts';
import { RelayProcess } from './relay-process.ts';

const SHOWN_MS = 20_000;
const POLL_MS = 50;

export class Stage {
  readonly relay: RelayProcess;
  /** Leads to the relay. Connections through it can be cut. */
  readonly proxy: TcpProxy;
  readonly browser: Browser;
  readonly #windows: ChatPage[] = [];

  private constructor(relay: RelayProcess, proxy: TcpProxy, browser: Browser) {
    this.relay = relay;
    this.proxy = proxy;
    this.browser = browser;
  }

  /** Starts everything. Prints an error itself, because uvu does not report a `before` that fails. */
  static async open(env: Readonly<Record<string, string>> = {}): Promise<Stage> {
    let browser: Browser | undefined;
    try {
      browser = await launchBrowser();
      const relay = await new RelayProcess(env).start();
      return new Stage(relay, await new TcpProxy(() => relay.port).start(), browser);
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
      await browser?.close();
      throw error;
    }
  }

  /** Opens a new person's window and waits until it is connected. `host` is the relay or the proxy. */
  async enter(path = '/', host = this.relay.host, options: BrowserContextOptions = {}): Promise<ChatPage> {
    const context = await this.browser.newContext({ locale: 'zh-CN', ...options });
    const window = new ChatPage(await context.newPage());
    this.#windows.push(window);
    await window.page.goto(`http://${host}${path}`);
    await window.reaches('connected');
    return window;
  }

  /** The texts in the room's log. */
  async log(room: string): Promise<string[]> {
    const url = `http://${this.relay.host}/rooms/${encodeURIComponent(room)}/messages?limit=200`;
    const { messages }: { messages: { message: string }[] } = await (await fetch(url)).json();
    return messages.map(({ message }) => message);
  }

  /** Errors in any window that a person would not have seen. */
  get trouble(): string[] {
    return this.#windows.flatMap(window => window.trouble);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.proxy.stop();
    await this.relay.dispose();
  }
}

/** A row as a person sees it. */
export interface Row {
  readonly text: string;
  readonly own: boolean;
  /** `stored`, or the state of an outgoing message. */
  readonly state: string;
}

export class ChatPage {
  readonly page: Page;
  readonly trouble: string[];

  constructor(page: Page) {
    this.page = page;
    this.trouble = listenForTrouble(page);
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: /说点什么|Write a message/ });
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** Types and presses Enter. */
  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** Every message on the page, from the top. */
  rows(): Promise<Row[]> {
    return this.page.locator(':not([hidden]) > li[data-seq], li[data-id]').evaluateAll(rows =>
      rows.map(row => ({
        text: row.querySelector('.text')?.textContent ?? '',
        own: row.classList.contains('own'),
        state: row.getAttribute('data-state') ?? 'stored',
      })),
    );
  }

  /** Waits until the page shows exactly these texts, in this order, and all are stored. */
  async shows(texts: readonly string[]): Promise<void> {
    const wanted = JSON.stringify(texts);
    await until(
      async () => JSON.stringify((await this.rows()).map(row => (row.state === 'stored' ? row.text : row))) === wanted,
      async () => `the page shows ${JSON.stringify(await this.rows())} instead of ${wanted}`,
    );
  }

  /** Waits until the page shows this many messages and all are stored. Returns their texts. */
  async showsMany(count: number): Promise<string[]> {
    await until(
      async () => (await this.rows()).filter(row => row.state === 'stored').length >= count,
      async () => `the page shows ${JSON.stringify(await this.rows())}, not ${count} messages`,
    );
    return (await this.rows()).map(row => row.text);
  }

  /** Waits until the connection has this state. */
  async reaches(state: string): Promise<void> {
    await this.page.locator(`chat-window[state="${state}"]`).waitFor({ timeout: SHOWN_MS });
  }

  /** Waits until the page is not connected. */
  async breaks(): Promise<void> {
    await this.page.locator('chat-window:not([state="connected"])').waitFor({ timeout: SHOWN_MS });
  }
}

/** Checks repeatedly until `check` holds. Rejects with the message of `complaint` if it never does. */
export async function until(
  check: () => Promise<boolean>,
  complaint: () => Promise<string>,
  ms = SHOWN_MS,
): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(await complaint());
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}
