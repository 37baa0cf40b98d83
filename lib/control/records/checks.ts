// Small checks of what a stored record has, put together by hand because each record of each read goes through
// them. An answer names the first field that is wrong; fields that nobody names here are left as they are.

/** null: it is as it shall be. Else what is wrong, with the path below the value first: `.spec.count is "3", …`. */
export type Check = (value: unknown) => string | null;

function shown(value: unknown): string {
  if (value === undefined) return 'is missing';
  const text = JSON.stringify(value) ?? typeof value;
  return `is ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}

function must(isRight: (value: unknown) => boolean, what: string): Check {
  return (value) => (isRight(value) ? null : ` ${shown(value)}, not ${what}`);
}

export const text = must((value) => typeof value === 'string', 'a text');
/** Of milliseconds: what a date can show, with room to add to it. */
const numberMax = 8e15;

export const number = must(
  (value) => typeof value === 'number' && Math.abs(value) <= numberMax,
  `a number up to ${String(numberMax)}`,
);
export const positive = must((value) => typeof value === 'number' && value > 0 && value <= numberMax, 'above 0');
export const count = must((value) => Number.isSafeInteger(value) && (value as number) >= 0, 'a whole number');
export const flag = must((value) => typeof value === 'boolean', 'true or false');
export const isNull = must((value) => value === null, 'null');
export const anyObject = must(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'an object',
);

/** What code loops over: more than any record has that was written here would keep it busy for ever. */
export function from1To(max: number): Check {
  return must(
    (value) => Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= max,
    `a whole number from 1 to ${String(max)}`,
  );
}

export function oneOf(...values: readonly string[]): Check {
  const known = new Set<unknown>(values);
  return must((value) => known.has(value), `one of ${values.join(', ')}`);
}

export function orNull(check: Check): Check {
  return (value) => (value === null ? null : check(value));
}

export function optional(check: Check): Check {
  return (value) => (value === undefined ? null : check(value));
}

export function list(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return ` ${shown(value)}, not a list`;
    for (const [at, one] of value.entries()) {
      const problem = check(one);
      if (problem !== null) return `[${String(at)}]${problem}`;
    }
    return null;
  };
}

/** A list of at least four, whose length is a multiple of four. */
export function fours(check: Check): Check {
  const all = list(check);
  return (value) =>
    all(value)
    ?? ((value as unknown[]).length > 0 && (value as unknown[]).length % 4 === 0 ? null : ' has no groups of four');
}

export function mapOf(check: Check): Check {
  return (value) => {
    const wrong = anyObject(value);
    if (wrong !== null) return wrong;
    for (const [name, one] of Object.entries(value as object)) {
      const problem = check(one);
      if (problem !== null) return `[${JSON.stringify(name)}]${problem}`;
    }
    return null;
  };
}

export function object(fields: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(fields);
  return (value) => {
    const wrong = anyObject(value);
    if (wrong !== null) return wrong;
    for (const [name, check] of checks) {
      const problem = check(
        Object.hasOwn(value as object, name) ? (value as Record<string, unknown>)[name] : undefined,
      );
      if (problem !== null) return `.${name}${problem}`;
    }
    return null;
  };
}

/** The value where it passes, else the fallback. */
export function valid<T>(check: Check, value: unknown, fallback: T): T {
  return check(value) === null ? (value as T) : fallback;
}

/** Of a record's own type: a field that is renamed there does not type-check here. */
export function recordOf<T>(fields: Readonly<Partial<Record<keyof T, Check>>>): Check {
  return object(fields as Readonly<Record<string, Check>>);
}
