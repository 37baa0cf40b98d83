// Reads a document of another tool: what is read is taken, and what nobody took is named with its path. So nothing of
// it is left out silently.
import { durationSecondsOf } from './quantities.ts';

/** A part of a document that has no counterpart, or is not what it has to be. */
export interface Objection {
  readonly path: string;
  readonly message: string;
}

export class Fields {
  readonly path: string;
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #objections: Objection[];
  readonly #taken = new Set<string>();
  readonly #parts: Fields[] = [];

  constructor(value: unknown, path: string, objections: Objection[]) {
    this.path = path;
    this.#objections = objections;
    const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isMapping) objections.push({ path, message: 'must be a mapping' });
    this.#value = isMapping ? (value as Readonly<Record<string, unknown>>) : {};
  }

  at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  object(key: string, message: string): void {
    this.#objections.push({ path: this.at(key), message });
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#value, key) && this.#value[key] !== null && this.#value[key] !== undefined;
  }

  keys(): readonly string[] {
    return Object.keys(this.#value);
  }

  take(key: string): unknown {
    this.#taken.add(key);
    return this.has(key) ? this.#value[key] : undefined;
  }

  text(key: string): string | undefined {
    const value = this.take(key);
    if (value === undefined) return undefined;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    this.object(key, 'must be a text');
    return undefined;
  }

  number(key: string): number | undefined {
    const value = this.take(key);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    this.object(key, 'must be a number');
    return undefined;
  }

  /** A duration, e.g. 1m30s. */
  seconds(key: string): number | undefined {
    const text = this.text(key);
    const seconds = text === undefined ? undefined : durationSecondsOf(text);
    if (text !== undefined && seconds === undefined) this.object(key, 'must be a duration, e.g. 1m30s');
    return seconds;
  }

  flag(key: string): boolean | undefined {
    const value = this.take(key);
    if (value === undefined || typeof value === 'boolean') return value;
    this.object(key, 'must be true or false');
    return undefined;
  }

  list(key: string): readonly unknown[] {
    const value = this.take(key);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value as readonly unknown[];
    this.object(key, 'must be a list');
    return [];
  }

  texts(key: string): readonly string[] | undefined {
    if (!this.has(key)) {
      this.take(key);
      return undefined;
    }
    return this.list(key).map((one, at) => {
      if (typeof one === 'string' || typeof one === 'number') return String(one);
      this.object(`${key}[${String(at)}]`, 'must be a text');
      return '';
    });
  }

  /** A mapping below it; undefined: it is not there. */
  part(key: string): Fields | undefined {
    const value = this.take(key);
    if (value === undefined) return undefined;
    return this.#partOf(value, key);
  }

  /** Mappings in a list below it. */
  parts(key: string): readonly Fields[] {
    return this.list(key).map((one, at) => this.#partOf(one, `${key}[${String(at)}]`));
  }

  /** Mappings by name. */
  named(key: string): readonly (readonly [string, Fields])[] {
    const all = this.part(key);
    return all === undefined ? [] : all.keys().map((name) => [name, all.part(name) ?? all.#partOf({}, name)] as const);
  }

  /** What is of no consequence here, whatever it says. */
  passOver(...keys: readonly string[]): void {
    for (const key of keys) this.take(key);
  }

  /** Only what is named here is the same with us. */
  only(key: string, allowed: readonly unknown[], message: string): void {
    const value = this.take(key);
    if (value !== undefined && !allowed.includes(value)) this.object(key, message);
  }

  /** Names all that nobody took, here and below. `ofOthers`: keys that are of other tools by their names. */
  end(ofOthers: RegExp = /^x-/): void {
    for (const key of this.keys())
      if (!this.#taken.has(key) && !ofOthers.test(key)) this.object(key, 'has no counterpart in Bellows');
    for (const part of this.#parts) part.end(ofOthers);
  }

  #partOf(value: unknown, key: string): Fields {
    const part = new Fields(value, this.at(key), this.#objections);
    this.#parts.push(part);
    return part;
  }
}

/**
 * The largest of the amounts that are given there: what is guaranteed is the larger of request and limit, as memory is
 * a hard limit on our nodes, and CPU a share. undefined: none is given.
 */
export function largestOf(
  of: (value: unknown) => number | undefined,
  places: readonly (readonly [Fields | undefined, string])[],
): number | undefined {
  const values = places.flatMap(([part, key]) => {
    const value = part?.take(key);
    if (part === undefined || value === undefined) return [];
    const amount = of(value);
    if (amount === undefined) part.object(key, `${JSON.stringify(value)} is no quantity`);
    return amount === undefined ? [] : [amount];
  });
  return values.length === 0 ? undefined : Math.max(...values);
}
