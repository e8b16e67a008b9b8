/**
 * An installed Firefox, driven over WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/): one page at a time, with what
 * a smoke test needs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { isFields } from '../../src/protocol/fields.ts';
import { programOf } from './proxies.ts';
import { until } from './stage.ts';

/** The Firefox that is installed, an ESR first; `undefined` if there is none. */
export const FIREFOX = programOf('firefox-esr') ?? programOf('firefox');

type Fields = Readonly<Record<string, unknown>>;

/** Codes of keys that have no character (WebDriver, section 17.4.2). */
export const ENTER = '\uE007';

export class Firefox {
  /** Errors that the pages have logged or not caught; not those of connections, which are cut on purpose. */
  readonly trouble: string[] = [];
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { resolve(result: Fields): void; reject(error: Error): void }>();
  #commands = 0;
  #page = '';

  private constructor(process: ChildProcess, { folder, socket }: { folder: string; socket: WebSocket }) {
    this.#process = process;
    this.#folder = folder;
    this.#socket = socket;
    socket.on('message', data => this.#hear(String(data)));
  }

  /** Starts it without a window. */
  static async launch(program: string): Promise<Firefox> {
    const folder = mkdtempSync(join(tmpdir(), 'heartline-firefox-'));
    const child = spawn(
      program,
      [
        '--headless',
        '--no-remote',
        '--profile',
        folder,
        '--remote-debugging-port',
        '0',
        '--width',
        '900',
        '--height',
        '800',
      ],
      { env: { PATH: process.env.PATH, HOME: folder }, stdio: ['ignore', 'ignore', 'pipe'], detached: true },
    );
    let output = '';
    child.stderr?.on('data', data => {
      output += data;
    });
    const address = () => /WebDriver BiDi listening on (ws:\S+)/.exec(output)?.[1];
    await until(
      async () => address() !== undefined,
      async () => `Firefox does not start: ${output}`,
    );
    const socket = new WebSocket(`${address()}/session`);
    await once(socket, 'open');
    const firefox = new Firefox(child, { folder, socket });
    await firefox.#command('session.new', { capabilities: {} });
    await firefox.#command('session.subscribe', { events: ['log.entryAdded'] });
    return firefox;
  }

  /** Opens another page, on which everything else then happens. Storage is that of all pages before. */
  async open(url: string): Promise<void> {
    const { context } = await this.#command('browsingContext.create', { type: 'tab' });
    this.#page = String(context);
    await this.#command('browsingContext.activate', { context });
    await this.#command('browsingContext.navigate', { context, url, wait: 'complete' });
  }

  /** Evaluates an expression on the page. Returns the text that it has, as `String` makes it. */
  async evaluate(expression: string): Promise<string> {
    const target = { context: this.#page };
    const answer = await this.#command('script.evaluate', {
      expression: `Promise.resolve(${expression}).then(String)`,
      target,
      awaitPromise: true,
    });
    const { result } = answer;
    if (!isFields(result)) throw new Error(`${expression}: ${JSON.stringify(answer)}`);
    return String(result.value);
  }

  /** Presses keys, one after another, as a person does. */
  async press(keys: string): Promise<void> {
    const actions = [...keys].flatMap(value => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
    await this.#command('input.performActions', {
      context: this.#page,
      actions: [{ type: 'key', id: 'keyboard', actions }],
    });
  }

  /** A picture of the page (PNG). */
  async picture(): Promise<Buffer> {
    const { data } = await this.#command('browsingContext.captureScreenshot', { context: this.#page });
    return Buffer.from(String(data), 'base64');
  }

  async close(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#socket.terminate();
    // Its other processes are in its group. One of them that stays would hold the output open.
    if (this.#process.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL');
    await ended;
    this.#process.stderr?.destroy();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #command(method: string, params: Fields): Promise<Fields> {
    const id = ++this.#commands;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #hear(text: string): void {
    const message: unknown = JSON.parse(text);
    if (!isFields(message)) return;
    const { id, type, method, params, result } = message;
    if (method === 'log.entryAdded' && isFields(params) && params.level === 'error') {
      const text = String(params.text);
      if (!/connection to .*ws:/.test(text)) this.trouble.push(text);
    }
    const command = this.#waiting.get(Number(id));
    if (!command) return;
    this.#waiting.delete(Number(id));
    if (type === 'error' || !isFields(result)) command.reject(new Error(text));
    else command.resolve(result);
  }
}
