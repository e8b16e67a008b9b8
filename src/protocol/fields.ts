/** Functions shared by the two parsers: they parse JSON and check its values. */

/** A parsed JSON object whose fields have not been checked. */
export type Fields = Readonly<Record<string, unknown>>;

export function parseFields(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

export function isString(value: unknown): value is string {
  return typeof value === 'string';
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

export function isId(value: unknown): value is string {
  return isString(value) && /^[\w-]{1,64}$/.test(value);
}

/** Whether this is a time in milliseconds since 1970 that a `Date` can hold (ECMA-262, section 21.4.1.1). */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}
