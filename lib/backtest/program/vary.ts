// Sweeps: a pool with one or two of its settings varied, each combination a variant of its own.

export interface Vary {
  /** e.g. `limits.instances` */
  readonly path: readonly string[];
  readonly values: readonly unknown[];
}

/** A sweep that cannot be read. */
export class VaryError extends Error {}

export const varyMax = 2;
const valuesMax = 16;

/** `pool.idleAfterSeconds=15,60,300`. @throws VaryError */
export function parseVary(text: string): Vary {
  const match = /^pool\.([A-Za-z]+(?:\.[A-Za-z]+)*)=(.+)$/.exec(text);
  const [, path = '', list = ''] = match ?? [];
  const values = list.split(',').map((one) => one.trim());
  if (match === null || values.includes('') || values.length > valuesMax)
    throw new VaryError(
      `${JSON.stringify(text)} is no sweep; it must be like pool.idleAfterSeconds=15,60,300, `
        + `with ${String(valuesMax)} values at most`,
    );
  return { path: path.split('.'), values: values.map(valueOf) };
}

function valueOf(text: string): unknown {
  const number = Number(text);
  if (!Number.isNaN(number)) return number;
  return text === 'true' ? true : text === 'false' ? false : text;
}

export interface Varied {
  /** e.g. ` idleAfterSeconds=15`; empty where nothing is varied. */
  readonly suffix: string;
  readonly body: unknown;
}

/** The body with every combination of the values. */
export function varied(body: unknown, sweeps: readonly Vary[]): readonly Varied[] {
  return sweeps.reduce<readonly Varied[]>(
    (all, { path, values }) =>
      all.flatMap((one) =>
        values.map((value) => ({
          suffix: `${one.suffix} ${path.at(-1) ?? ''}=${String(value)}`,
          body: withValue(one.body, path, value),
        })),
      ),
    [{ suffix: '', body }],
  );
}

function withValue(body: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const own = typeof body === 'object' && body !== null ? body : {};
  const before = new Map<string, unknown>(Object.entries(own)).get(name);
  return Object.fromEntries([...Object.entries(own), [name, withValue(before, rest, value)]]);
}
