// Where secrets are kept. Read when an attempt starts, for that attempt, and kept nowhere. What cannot be read is
// named by its reference; no error has a value, or a part of one, in its message or as its cause.
import { partsOf, secretBytesMax } from '../../core/access/secrets.ts';
import type { SecretStore } from '../../core/access/secrets.ts';
import { BellowsError } from '../../core/values/errors.ts';

/** `unavailable`: worth trying again. */
export type SecretProblem = 'missing' | 'denied' | 'malformed' | 'not_configured' | 'unavailable';

export class SecretUnreadableError extends BellowsError {
  readonly problem: SecretProblem;
  readonly why: string;
  constructor(from: string, problem: SecretProblem, why: string) {
    super('secret_unreadable', `the secret ${from} cannot be read: ${why}`);
    this.problem = problem;
    this.why = why;
  }
}

interface Thrown {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
}

/** Why a place gave no answer that can be read: a code, never the words of an error, which may repeat what it read. */
export function whyNoAnswer(error: unknown): string {
  const { name, code, cause } = (error ?? {}) as Thrown;
  if (name === 'SyntaxError') return 'its answer is no JSON';
  // fetch wraps what the network says; a time-out has a number for code.
  const inner = (cause ?? {}) as Thrown;
  const codes = [inner.code, inner.name, code, name];
  return `no answer (${codes.find((one) => typeof one === 'string') ?? 'unknown'})`;
}

export interface Secrets {
  /** The value at `STORE:PLACE`, as it is now: a rotation is seen by the next call. @throws SecretUnreadableError */
  read(from: string): Promise<string>;
}

/** One kind of place. `from` is the whole reference, for messages. @throws SecretUnreadableError */
export type ReadSecret = (place: string, from: string) => Promise<string>;

/** Each reference is read where its first word says. */
export function secretsFrom(stores: Readonly<Partial<Record<SecretStore, ReadSecret>>>): Secrets {
  return {
    read: async (from) => {
      const parts = partsOf(from);
      const read = parts === null ? undefined : stores[parts.store];
      if (parts === null || read === undefined)
        throw new SecretUnreadableError(
          from,
          'not_configured',
          `this installation reads ${Object.keys(stores).sort().join(', ') || 'no secrets'} only`,
        );
      const value = await read(parts.place, from);
      if (Buffer.byteLength(value) > secretBytesMax)
        throw new SecretUnreadableError(from, 'malformed', `it is longer than ${String(secretBytesMax)} bytes`);
      if (value.includes('\0')) throw new SecretUnreadableError(from, 'malformed', 'it has a NUL byte');
      return value;
    },
  };
}

/** `place#KEY`: without the key, the whole of what is kept there is meant. */
export function placeAndKey(place: string): { readonly place: string; readonly key: string | null } {
  const at = place.indexOf('#');
  return at < 0 ? { place, key: null } : { place: place.slice(0, at), key: place.slice(at + 1) };
}

/** A text field of an object that the store keeps. @throws SecretUnreadableError */
export function fieldOf(fields: unknown, key: string, from: string): string {
  const isObject = typeof fields === 'object' && fields !== null && !Array.isArray(fields);
  if (!isObject) throw new SecretUnreadableError(from, 'malformed', `it is no object, so it has no field ${key}`);
  const value = Object.hasOwn(fields, key) ? (fields as Readonly<Record<string, unknown>>)[key] : undefined;
  if (value === undefined) throw new SecretUnreadableError(from, 'missing', `it has no field ${key}`);
  if (typeof value !== 'string') throw new SecretUnreadableError(from, 'malformed', `its field ${key} is no text`);
  return value;
}

/** A field of a text that is JSON. The parser's own words would repeat the text. @throws SecretUnreadableError */
export function fieldOfText(text: string, key: string, from: string): string {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    throw new SecretUnreadableError(from, 'malformed', `it is no JSON, so it has no field ${key}`);
  }
  return fieldOf(fields, key, from);
}

/** @throws SecretUnreadableError for bytes that are no text */
export function textOfBytes(bytes: Uint8Array, from: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SecretUnreadableError(from, 'malformed', 'it is no UTF-8 text');
  }
}
