/** Says which variables have no effect although they look as if they were meant to, for the log output of every runtime. */
import { emptyVariables } from '../config.ts';
import { unknownVariables } from './unknown.ts';

export interface IneffectiveVariable {
  readonly variable: string;
  /** The variable that is probably meant, if it is another one. */
  readonly like?: string;
  /** One sentence for the operator. */
  readonly sentence: string;
}

/** Returns the variables of an environment that are misspelled or empty. */
export function ineffectiveVariables(env: Readonly<Record<string, unknown>>): IneffectiveVariable[] {
  const misspelled = unknownVariables(env).map(({ name, like }) => ({
    variable: name,
    like,
    sentence: `${name} has no effect; is ${like} meant?`,
  }));
  const empty = emptyVariables(env).map(name => ({
    variable: name,
    sentence: `${name} is empty, which is the same as not set`,
  }));
  return [...misspelled, ...empty];
}
