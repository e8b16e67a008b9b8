/** The page in Firefox: a smoke test of what people do with it. Without a Firefox it is left out, with a note. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { ENTER, FIREFOX, Firefox } from '../support/firefox.ts';
import { TcpProxy } from '../support/proxy.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { until } from '../support/stage.ts';
import { WireClient } from '../support/wire-client.ts';

const TEST_MS = 120_000;
const ROOT = "document.querySelector('chat-window').shadowRoot";

/** A relay behind a proxy, and a page in Firefox. */
class Rig {
  readonly relay: RelayProcess;
  readonly proxy: TcpProxy;
  readonly firefox: Firefox;
  readonly #others: WireClient[] = [];

  private constructor(relay: RelayProcess, { proxy, firefox }: { proxy: TcpProxy; firefox: Firefox }) {
    this.relay = relay;
    this.proxy = proxy;
    this.firefox = firefox;
  }

  static async open(program: string): Promise<Rig> {
    const relay = await new RelayProcess().start();
    const proxy = await new TcpProxy(() => relay.port).start();
    return new Rig(relay, { proxy, firefox: await Firefox.launch(program) });
  }

  async enter(path: string): Promise<void> {
    await this.firefox.open(`http://${this.proxy.host}${path}`);
    await this.reaches('connected');
  }

  reaches(state: string): Promise<void> {
    return this.comesTo("document.querySelector('chat-window').getAttribute('state')", state);
  }

  /** Waits until the page shows exactly these messages, and each is stored. */
  shows(texts: readonly string[]): Promise<void> {
    const rows = `[...${ROOT}.querySelectorAll('li.message')]`;
    const seen = `${rows}.map(row => row.dataset.seq ? row.querySelector('.text').textContent : row.dataset.state)`;
    return this.comesTo(`JSON.stringify(${seen})`, JSON.stringify(texts));
  }

  async comesTo(expression: string, expected: string): Promise<void> {
    const read = () => this.firefox.evaluate(expression);
    await until(
      async () => (await read()) === expected,
      async () => `${expression} is ${await read()}, not ${expected}`,
    );
  }

  /** Someone else in a room. */
  async join(room: string, user: string): Promise<WireClient> {
    const client = await WireClient.join(this.relay.host, room, user);
    this.#others.push(client);
    return client;
  }

  /** Types a message and presses Enter. */
  async say(text: string): Promise<void> {
    await this.firefox.evaluate(`${ROOT}.querySelector('textarea').focus()`);
    await this.firefox.press(`${text}${ENTER}`);
  }

  /** Presses the first button whose text ends with one of these. */
  async click(...texts: string[]): Promise<void> {
    const button = `[...${ROOT}.querySelectorAll('button')].find(button => ${JSON.stringify(texts)}.some(text => button.textContent.endsWith(text)))`;
    await this.firefox.evaluate(`${button}.click()`);
  }

  async close(): Promise<void> {
    for (const { ws } of this.#others) ws.terminate();
    await this.firefox.close();
    await this.proxy.stop();
    await this.relay.dispose();
  }
}

function testFirefox(program: string): void {
  const firefox = suite<{ rig: Rig }>('firefox');
  const test = (name: string, body: (rig: Rig) => Promise<void>) =>
    firefox(name, ({ rig }) => within(() => body(rig), TEST_MS)());

  firefox.before(async context => {
    context.rig = await Rig.open(program);
  });
  firefox.after(async ({ rig }) => {
    await rig.close();
    // Once in some twenty runs something of Firefox has kept this process alive after everything was closed.
    setTimeout(() => process.exit(), 2000).unref();
  });

  test('shows what others say, and sends what is typed', async rig => {
    await rig.enter('/rooms/tea');
    const quiet = `getComputedStyle(${ROOT}.querySelector('.quiet')).display`;
    await rig.comesTo(quiet, 'block');
    const ann = await rig.join('tea', 'Ann');
    ann.say('1', 'hello from Ann, see https://example.com/a');
    await rig.shows(['hello from Ann, see https://example.com/a']);
    await rig.comesTo(quiet, 'none');
    await rig.comesTo(`${ROOT}.querySelector('.text a')?.href`, 'https://example.com/a');
    await rig.say('hello from Firefox');
    await ann.message('hello from Firefox');
    await rig.shows(['hello from Ann, see https://example.com/a', 'hello from Firefox']);
    await rig.comesTo(`${ROOT}.querySelector('.count') !== null`, 'true');
    await rig.comesTo(`${ROOT}.querySelector('.trace') !== null`, 'true');
  });

  test('keeps what is written while the relay is away, and sends it once', async rig => {
    await rig.enter('/rooms/away');
    rig.proxy.block();
    await rig.reaches('waiting');
    await rig.say('written offline');
    await rig.comesTo(`${ROOT}.querySelectorAll('li[data-state="pending"]').length`, '1');
    await rig.relay.kill();
    await rig.relay.start();
    rig.proxy.allow();
    await rig.reaches('connected');
    await rig.shows(['written offline']);
    const reader = await rig.join('away', 'Reader');
    assert.equal(
      reader.of('normal').map(({ message }) => message),
      ['written offline'],
    );
  });

  test('changes the name and the language, and follows a long conversation', async rig => {
    await rig.enter('/rooms/long');
    await rig.click('Change name', '更换角色');
    await rig.comesTo(`${ROOT}.querySelector('dialog[open] input') !== null`, 'true');
    await rig.firefox.evaluate(`${ROOT}.querySelector('dialog input').select()`);
    await rig.firefox.press(`Fox${ENTER}`);
    await rig.comesTo(`${ROOT}.querySelector('.role').title`, 'Fox');
    const before = await rig.firefox.evaluate(`${ROOT}.querySelector('textarea').placeholder`);
    await rig.click('中文', 'English');
    await rig.comesTo(`${ROOT}.querySelector('textarea').placeholder !== ${JSON.stringify(before)}`, 'true');
    await rig.reaches('connected');
    const ann = await rig.join('long', 'Ann');
    const texts = Array.from({ length: 15 }, (_, n) => `${n} ${'long '.repeat(60)}`.trim());
    for (const [n, text] of texts.entries()) ann.say(`${n}`, text);
    await rig.shows(texts);
    const scroller = `${ROOT}.querySelector('.scroller')`;
    await rig.comesTo(`${scroller}.scrollHeight - ${scroller}.scrollTop - ${scroller}.clientHeight < 2`, 'true');
  });

  test('logs no error', async rig => {
    assert.equal(rig.firefox.trouble, []);
  });

  firefox.run();
}

if (FIREFOX === undefined) process.stdout.write('note: not tested, because it is not installed: firefox-esr\n');
else testFirefox(FIREFOX);
