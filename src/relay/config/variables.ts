/**
 * The table of all variables: README's table, `--help` and the parser are made from it. A test compares README with
 * it.
 */
import {
  BYTES,
  count,
  DURATION,
  FRAMING_ORIGINS,
  HOST,
  type Kind,
  ORIGIN,
  ORIGINS,
  oneOf,
  PATH,
  PROXIES,
  SWITCH,
} from './values.ts';

export interface Variable<T> {
  readonly name: string;
  readonly kind: Kind<T>;
  /** The value if the variable is not set. */
  readonly standard: T;
  /** The default as the documents show it, in Markdown. */
  readonly shown: string;
  /** Its meaning, in Markdown. */
  readonly meaning: string;
  /** Whether it has no effect on Workers. */
  readonly onlyNode: boolean;
}

interface Facts {
  readonly meaning: string;
  readonly onlyNode?: boolean;
}

/** A variable whose default is written as a value would be. */
function variable<T>(
  name: string,
  kind: Kind<T>,
  { standard, meaning, onlyNode = false }: Facts & { readonly standard: string },
): Variable<T> {
  const value = kind.read(standard);
  if (value === undefined) throw new Error(`the default of ${name} is not one of its values`);
  const shown = /^\d+$/.test(standard) ? standard : `\`${standard}\``;
  return { name, kind, standard: value, shown, meaning, onlyNode };
}

/** A variable without a default. `unset` says what it means not to set it. */
function optional<T>(
  name: string,
  kind: Kind<T>,
  { unset, meaning, onlyNode = false }: Facts & { readonly unset: string },
): Variable<T | undefined> {
  return { name, kind, standard: undefined, shown: unset, meaning, onlyNode };
}

/** A retry may have to be looked for among as many messages, at about a million keys in 5 s. */
const MAX_HISTORY = 1_000_000;

export const VARIABLES = {
  port: variable('PORT', count(0, 65_535), {
    standard: '8000',
    meaning: 'the TCP port to listen on; 0 takes one that is free',
    onlyNode: true,
  }),
  host: optional('HOST', HOST, {
    unset: 'all interfaces',
    meaning: 'the IP address or host name to listen on',
    onlyNode: true,
  }),
  publicOrigin: optional('PUBLIC_ORIGIN', ORIGIN, {
    unset: 'none',
    meaning:
      "the relay's public address, `https://chat.example`; some browsers need it in the page's security policy, and `ORIGINS` always includes it",
  }),
  data: variable('DATA', PATH, {
    standard: 'data/heartline.db',
    meaning: "the log's file (SQLite); `:memory:` keeps nothing",
    onlyNode: true,
  }),
  history: variable('HISTORY', count(1, MAX_HISTORY), {
    standard: '10000',
    meaning: 'messages to keep per room (1 to 1000000); about an eighth more may be held',
  }),
  keepMs: variable('KEEP', DURATION, {
    standard: '0',
    meaning:
      'a room with no new message for this long, such as `90d` (at most `36525d`), is removed with everything in it once nobody is there; 0 keeps rooms for ever',
  }),
  durability: variable('DURABILITY', oneOf('normal', 'full'), {
    standard: 'normal',
    meaning:
      '`normal`: a power cut may take the newest messages. `full`: it takes none, at the cost of one fsync per commit',
    onlyNode: true,
  }),
  shared: variable('SHARED', SWITCH, {
    standard: 'off',
    meaning:
      "`on`: other programs (`sqlite3`, Litestream) may read the log's file while the relay runs; a commit costs about half as much again",
    onlyNode: true,
  }),
  rate: variable('RATE', count(0), {
    standard: '5',
    meaning:
      'frames per second (a whole number), per connection; an address, and an address in a room, have [more](PROTOCOL.md#rates). 0 removes all these limits',
  }),
  burst: variable('BURST', count(1), {
    standard: '20',
    meaning: 'frames at once (at least 1), per connection; the other limits grow with it',
  }),
  maxConnections: variable('MAX_CONNECTIONS', count(0), {
    standard: '10000',
    meaning: 'further connections are closed with 1013; 0 removes the limit',
  }),
  maxPerAddress: variable('MAX_PER_ADDRESS', count(0), {
    standard: '200',
    meaning:
      "connections per IPv4 address or IPv6 /64 network (ten times as many per /48); further ones are closed with 4429, or, if there are many of those, their handshakes refused with 429. For [the tutorial's clients](docs/tutorial.md) it is at most 8. It raises the [limits of HTTP requests](PROTOCOL.md#http), above 200, and those [of frames](PROTOCOL.md#rates) with it. 0 removes all limits per address",
  }),
  maxRooms: variable('MAX_ROOMS', count(0), {
    standard: '100000',
    meaning:
      'rooms that hold messages; beyond, the first message of a new room is refused with `full`, and the others go on. 0 removes the limit',
    onlyNode: true,
  }),
  maxDisk: variable('MAX_DISK', BYTES, {
    standard: '0',
    meaning:
      'bytes of the log that are in use, such as `10g` (at least `1m`); beyond, the first message of a new room is refused with `full`, and a tenth above it every message. 0 removes the limit',
    onlyNode: true,
  }),
  fence: optional('FENCE', PATH, {
    unset: 'none',
    meaning:
      'a file that says [which rooms may exist and who is blocked](#the-fence); it is read again when it changes. On Workers, its text',
  }),
  trustProxy: variable('TRUST_PROXY', PROXIES, {
    standard: 'off',
    meaning:
      'the proxies in front of the relay, whose `X-Forwarded-For` is believed: how many there are in a row (`1`; `on` means the same), or their networks (`10.0.0.0/8, ::1`). The client is the last address in that header that is not one of them. Set it only behind a proxy that writes this header; `Forwarded` is not read',
    onlyNode: true,
  }),
  origins: variable('ORIGINS', ORIGINS, {
    standard: '*',
    meaning:
      "the web pages that may connect: a comma-separated list of whole origins, without patterns. List the relay's own origin too, unless `PUBLIC_ORIGIN` names it. Programs that send no `Origin` are always admitted",
  }),
  embedOrigins: optional('EMBED_ORIGINS', FRAMING_ORIGINS, {
    unset: 'none',
    meaning:
      'the web pages that may show [a room in a frame](docs/element.md#in-a-frame), at `/embed/rooms/NAME`: a list like that of `ORIGINS`, or `*`. Without it, there is nothing at that address',
  }),
  logLevel: variable('LOG_LEVEL', oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), {
    standard: 'info',
    meaning:
      '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`; `debug` has a line for each connection, with its room',
  }),
  logAddresses: variable('LOG_ADDRESSES', SWITCH, {
    standard: 'off',
    meaning:
      '`on`: the log may contain the addresses of clients, which are personal data in the sense of the GDPR. Otherwise it has none, at any level',
    onlyNode: true,
  }),
};

/** Variables whose features do not exist yet. If one is set, the relay does not start. */
export const NOT_BUILT_YET: readonly string[] = [
  'SECRET',
  'ID_SECRET',
  'GUESTS',
  'EDIT_WINDOW',
  'NEWCOMER',
  'RETENTION',
  'METRICS_PORT',
  'WEBHOOK_URL',
  'WEBHOOK_SECRET',
  'PUBLIC_URL',
  'REDIS_URL',
  'REDIS_REPLICAS',
  'RELAYS',
  'NATS_URL',
];
