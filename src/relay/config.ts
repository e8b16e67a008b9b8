/**
 * The configuration, read from environment variables (or a Worker's variables with the same names). An invalid value is
 * an error that names the variable, its value and what it takes. A variable that has no effect yet is an error too,
 * because the operator would believe that it had one.
 */

export interface Config {
  readonly port: number;
  /** `undefined` means all interfaces. */
  readonly host: string | undefined;
  /** The public address, such as `https://chat.example`, if it is known. */
  readonly publicOrigin: string | undefined;
  /** The log's file, or `:memory:`. */
  readonly data: string;
  /** Messages kept per room. */
  readonly history: number;
  readonly durability: 'normal' | 'full';
  /** Messages per second per connection; 0 removes the limit. */
  readonly rate: number;
  readonly burst: number;
  readonly maxConnections: number;
  readonly maxPerAddress: number;
  readonly trustProxy: boolean;
  /** The exact origins of the web pages that may connect; `*` allows all. */
  readonly origins: '*' | readonly string[];
  readonly logLevel: string;
}

/** A one-line message that names the variable with an invalid value. */
export class ConfigError {
  readonly message: string;

  constructor(name: string, { value, takes }: { readonly value: string; readonly takes: string }) {
    this.message = `${name} is ${JSON.stringify(value)}, but takes ${takes}`;
  }
}

type Environment = Readonly<Record<string, unknown>>;
type Read<T> = (text: string) => T | undefined;

const MAX_COUNT = 1_000_000_000;
const NOT_BUILT_YET = ['SECRET', 'NATS_URL'];
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** Reads the configuration. Returns an error for the first invalid variable. An empty value counts as unset. */
export function readConfig(env: Environment): Config | ConfigError {
  let wrong: ConfigError | undefined;
  const take = <T>(name: string, standard: T, takes: string, read: Read<T>): T => {
    const text = String(env[name] ?? '').trim();
    if (text === '') return standard;
    const value = read(text);
    if (value === undefined) wrong ??= new ConfigError(name, { value: text, takes });
    return value ?? standard;
  };
  const count = (name: string, standard: number, min: number, max = MAX_COUNT) =>
    take(name, standard, `a whole number from ${min} to ${max}`, text => wholeNumber(text, min, max));

  for (const name of NOT_BUILT_YET) {
    if (env[name] === undefined) continue;
    // The value is hidden, because it may be a secret.
    wrong ??= new ConfigError(name, { value: '…', takes: 'nothing: it has no effect yet, so leave it out' });
  }
  const config: Config = {
    port: count('PORT', 8000, 0, 65_535),
    host: take<string | undefined>('HOST', undefined, 'a host name or address', text =>
      /[\s/]/.test(text) ? undefined : text,
    ),
    publicOrigin: take<string | undefined>(
      'PUBLIC_ORIGIN',
      undefined,
      'an origin such as https://chat.example',
      origin,
    ),
    data: take('DATA', 'data/heartline.db', 'a path', text => text),
    history: count('HISTORY', 10_000, 1),
    durability: take<Config['durability']>('DURABILITY', 'normal', 'normal or full', text =>
      text === 'normal' || text === 'full' ? text : undefined,
    ),
    rate: count('RATE', 5, 0),
    burst: count('BURST', 20, 1),
    maxConnections: count('MAX_CONNECTIONS', 10_000, 0),
    maxPerAddress: count('MAX_PER_ADDRESS', 200, 0),
    trustProxy: take('TRUST_PROXY', false, 'on or off', onOrOff),
    origins: take<Config['origins']>(
      'ORIGINS',
      '*',
      '* or a comma-separated list of origins such as https://chat.example',
      origins,
    ),
    logLevel: take('LOG_LEVEL', 'info', LOG_LEVELS.join(', '), text => LOG_LEVELS.find(level => level === text)),
  };
  return wrong ?? config;
}

function wholeNumber(text: string, min: number, max: number): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}

function onOrOff(text: string): boolean | undefined {
  if (['on', '1', 'true', 'yes'].includes(text)) return true;
  return ['off', '0', 'false', 'no'].includes(text) ? false : undefined;
}

function origin(text: string): string | undefined {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return text === url.origin || text === `${url.origin}/` ? url.origin : undefined;
}

/** A page opened from a file has the origin `null` (HTML, section 7.1.1). */
function origins(text: string): Config['origins'] | undefined {
  if (text === '*') return text;
  const list = text.split(',').map(item => (item.trim() === 'null' ? 'null' : origin(item.trim())));
  return list.every(item => item !== undefined) ? list : undefined;
}
