/**
 * The configuration, read from environment variables (or a Worker's variables with the same names). An invalid value is
 * an error that names the variable, its value and what it takes. A variable that has no effect yet is an error too,
 * because the operator would believe that it had one.
 */
import { NOT_BUILT_YET, VARIABLES, type Variable } from './config/variables.ts';

type ValueOf<V> = V extends Variable<infer T> ? T : never;

/** A value for each field of the table in config/variables.ts. Durations are in milliseconds. */
export type Config = { readonly [Field in keyof typeof VARIABLES]: ValueOf<(typeof VARIABLES)[Field]> };

/** A one-line message that names the variable with an invalid value. */
export class ConfigError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

type Environment = Readonly<Record<string, unknown>>;

/** Reads the configuration. Returns an error for the first invalid variable. An empty value counts as unset. */
export function readConfig(env: Environment): Config | ConfigError {
  // The value is not printed, because it may be a secret.
  const notBuilt = NOT_BUILT_YET.find(name => env[name] !== undefined);
  if (notBuilt !== undefined) return new ConfigError(`${notBuilt} has no effect in this version: leave it out`);
  const fields: [string, unknown][] = [];
  for (const [field, variable] of Object.entries<Variable<unknown>>(VARIABLES)) {
    const value = read(variable, env);
    if (value instanceof ConfigError) return value;
    fields.push([field, value]);
  }
  // The compiler cannot see that these are the table's fields, each read as its variable's kind.
  return Object.fromEntries(fields) as Config;
}

/** Returns the names of the variables that are set to an empty value, which counts as unset. */
export function emptyVariables(env: Environment): string[] {
  return Object.values(VARIABLES)
    .map(({ name }) => name)
    .filter(name => env[name] !== undefined && textIn(env, name) === '')
    .sort();
}

function textIn(env: Environment, name: string): string {
  return String(env[name] ?? '').trim();
}

function read({ name, kind, standard }: Variable<unknown>, env: Environment): unknown {
  const text = textIn(env, name);
  if (text === '') return standard;
  return kind.read(text) ?? new ConfigError(`${name} is ${JSON.stringify(text)}, but takes ${kind.takes}`);
}
