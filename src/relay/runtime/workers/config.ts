/**
 * The configuration of a Worker: its variables, which have the same names and rules as on Node. `FENCE` holds the fence
 * itself, because there are no files.
 */
import { FenceError, type FenceRules, NO_FENCE, parseFence } from '../../access/fence.ts';
import { type Config, ConfigError, readConfig } from '../../config.ts';

/** A Worker cannot count the rooms and the bytes of all its objects, so it bounds neither. */
export interface WorkerConfig extends Omit<Config, 'fence' | 'maxRooms' | 'maxDisk'> {
  readonly fence: FenceRules;
}

/** The fence that was read last, so that a room that wakes need not read it again. */
let known: { readonly text: string; readonly rules: FenceRules | FenceError } | undefined;

export function readWorkerConfig(env: Readonly<Record<string, unknown>>): WorkerConfig | ConfigError {
  const config = readConfig(env);
  if (config instanceof ConfigError) return config;
  const { fence: text, maxRooms: _rooms, maxDisk: _disk, ...rest } = config;
  const fence = text === undefined ? NO_FENCE : fenceOf(text);
  return fence instanceof FenceError ? new ConfigError(`FENCE: ${fence.message}`) : { ...rest, fence };
}

function fenceOf(text: string): FenceRules | FenceError {
  if (known?.text !== text) known = { text, rules: parseFence(text) };
  return known.rules;
}
