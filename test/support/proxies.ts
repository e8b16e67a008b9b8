/** The proxies of docs/proxies.md as processes: each runs the configuration of that page, with a port of its own. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endGroup, type GroupLeader, startGroup } from '../../scripts/tests/process-group.ts';
import { accepts, freePort } from './ports.ts';

const PAGE = fileURLToPath(new URL('../../docs/proxies.md', import.meta.url));
const START_MS = 20_000;
const POLL_MS = 50;

/** What a configuration is adapted with. */
interface Place {
  /** A folder for whatever the proxy writes. */
  readonly folder: string;
  /** Where it listens, and where the relay does. */
  readonly port: number;
  readonly relayPort: number;
}

export interface ProxyKind {
  /** The program, and the language of its block on the page. */
  readonly name: string;
  readonly scheme: 'http' | 'https';
  /** What has to be replaced in the page's configuration, and by what; each must be there. */
  readonly replacements: (place: Place) => readonly (readonly [string, string])[];
  /** The whole configuration file around that of the page. */
  readonly file: (config: string, place: Place) => string;
  /** Arguments that run it in the foreground with that file. */
  readonly args: (file: string, place: Place) => readonly string[];
}

const relay = ({ relayPort }: Place) => ['127.0.0.1:8000', `127.0.0.1:${relayPort}`] as const;

export const PROXIES: readonly ProxyKind[] = [
  {
    name: 'nginx',
    scheme: 'https',
    replacements: place => [
      relay(place),
      ['listen 443 ssl;', `listen 127.0.0.1:${place.port} ssl;`],
      ['listen 80;', `listen unix:${place.folder}/plain;`],
      ['/etc/letsencrypt/live/chat.example/fullchain.pem', join(place.folder, 'cert.pem')],
      ['/etc/letsencrypt/live/chat.example/privkey.pem', join(place.folder, 'key.pem')],
    ],
    file: (config, { folder }) => {
      const written = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        name => `${name}_temp_path ${folder}/${name};`,
      );
      return `daemon off; pid ${folder}/pid; error_log stderr; events {}\nhttp { access_log off; ${written.join(' ')}\n${config}\n}`;
    },
    args: (file, { folder }) => ['-p', folder, '-c', file, '-e', 'stderr'],
  },
  {
    name: 'haproxy',
    scheme: 'https',
    replacements: place => [
      relay(place),
      ['bind :443', `bind 127.0.0.1:${place.port}`],
      ['/etc/haproxy/chat.example.pem', join(place.folder, 'both.pem')],
    ],
    file: config => config,
    args: file => ['-db', '-f', file],
  },
  {
    name: 'caddy',
    scheme: 'http',
    // Its own certificates need a name that the world knows.
    replacements: place => [relay(place), ['chat.example {', `http://localhost:${place.port} {`]],
    file: config => `{\n  admin off\n}\n${config}`,
    args: file => ['run', '--adapter', 'caddyfile', '--config', file],
  },
  {
    name: 'squid',
    scheme: 'http',
    replacements: place => [
      ['127.0.0.1 parent 8000', `127.0.0.1 parent ${place.relayPort}`],
      ['http_port 80 ', `http_port 127.0.0.1:${place.port} `],
      ['defaultsite=chat.example', 'defaultsite=localhost'],
      ['dstdomain chat.example', 'dstdomain localhost'],
    ],
    file: (config, { folder }) =>
      `${config}\npid_filename ${folder}/pid\ncache_log ${folder}/log\naccess_log none\ncoredump_dir ${folder}\n` +
      'visible_hostname localhost\npinger_enable off\nshutdown_lifetime 0 seconds\n',
    args: file => ['-N', '-n', `heartline${process.pid}`, '-f', file],
  },
];

/** The path of an installed program, `undefined` if there is none. Debian's are where a user's PATH may not lead. */
export function programOf(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders
    .map(folder => join(folder, name))
    .find(path => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The configuration of a proxy on the page. */
export function configOnPage(name: string): string {
  const [, config] = new RegExp(`^\`\`\`${name}\\n([^]*?)^\`\`\`$`, 'm').exec(readFileSync(PAGE, 'utf8')) ?? [];
  if (config === undefined) throw new Error(`${PAGE} has no configuration of ${name}`);
  return config;
}

/** A proxy in front of a relay, as a process of its own. */
export class ProxyProcess {
  readonly #folder = mkdtempSync(join(tmpdir(), 'heartline-proxy-'));
  readonly #kind: ProxyKind;
  #child: GroupLeader | undefined;
  #output = '';
  #port = 0;

  constructor(kind: ProxyKind) {
    this.#kind = kind;
  }

  get host(): string {
    return `localhost:${this.#port}`;
  }

  /** Starts it in front of a relay. Resolves once it accepts connections. */
  async start(program: string, relayPort: number): Promise<this> {
    const { name, scheme, replacements, file, args } = this.#kind;
    this.#port = await freePort();
    const place = { folder: this.#folder, port: this.#port, relayPort };
    if (scheme === 'https') makeCertificate(this.#folder);
    let config = configOnPage(name);
    for (const [from, to] of replacements(place)) {
      if (!config.includes(from)) throw new Error(`the configuration of ${name} has no ${from}`);
      config = config.replaceAll(from, to);
    }
    // Started by root, some of them run as another user.
    chmodSync(this.#folder, 0o777);
    const path = join(this.#folder, 'config');
    writeFileSync(path, file(config, place));
    mkdirSync(join(this.#folder, 'home'));
    const env = { PATH: process.env.PATH, HOME: join(this.#folder, 'home') };
    // It may start workers.
    const child = startGroup(program, args(path, place), { env });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', data => {
        this.#output += data;
      });
    }
    for (const deadline = Date.now() + START_MS; !(await accepts(this.#port)); ) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${name} does not start: ${this.#output}`);
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
    }
    return this;
  }

  async dispose(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      endGroup(child);
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A certificate for localhost and its key, apart and in one file. */
function makeCertificate(folder: string): void {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-days', '1', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  execFileSync('openssl', ['req', '-x509', '-nodes', ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  writeFileSync(join(folder, 'both.pem'), readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'));
}
