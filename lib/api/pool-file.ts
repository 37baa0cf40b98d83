// Pools in files: what a stack declares, checked as the API would; and a pool as the API shows it, made into what it
// takes: without the times, states and reasons that nobody declares.
import * as z from 'zod';
import { knownFields } from './known-fields.ts';
import { ProblemError, parse, parseBody } from './problems.ts';
import { poolBody, poolView } from './schemas/pools.ts';
import { poolName } from './schemas/values.ts';

const declaredPools = z.array(
  z.looseObject({ name: z.unknown().optional() }),
  'must be a list of pools, each with its name',
);
const named = z.object({ name: poolName });

/**
 * The pools that the JSON of a file declares, as they are there.
 * @throws Error that names the file, the pool, and what `PUT /v1/pools/{name}` would refuse in it
 */
export function poolsOfFile(text: string, file: string): readonly { readonly name: string }[] {
  const declared = pools(text, file).map((pool, at) => {
    const where = typeof pool.name === 'string' ? `pool ${pool.name}` : `pool ${String(at + 1)}`;
    try {
      const { name } = parse(named, pool, 'it');
      parseBody(poolBody, pool, 'the body');
      return { ...pool, name };
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const { code, status, detail } = error.problem;
      throw new Error(`${file}, ${where}: ${code} (${String(status)}): ${detail}`, { cause: error });
    }
  });
  const names = declared.map((one) => one.name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`${file}, pool ${twice}: is declared twice; each pool has one entry`);
  return declared;
}

/** Some editors put it in front of UTF-8; RFC 8259 lets a reader ignore it. */
const byteOrderMark = /^\ufeff/;

function pools(text: string, file: string): z.output<typeof declaredPools> {
  try {
    return parse(declaredPools, JSON.parse(text.replace(byteOrderMark, '')), 'the file');
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error(`${file}: is not JSON: ${error.message}`, { cause: error });
    if (!(error instanceof ProblemError)) throw error;
    throw new Error(`${file}: ${error.message}`, { cause: error });
  }
}

/** Parts that only the view has are left out, and objects of which nothing else is left; what neither has stays. */
export function declaredOf(shown: unknown, path: readonly PropertyKey[] = []): unknown {
  if (Array.isArray(shown)) return shown.map((one, at) => declaredOf(one, [...path, at]));
  if (typeof shown !== 'object' || shown === null) return shown;
  const [taken, seen] = [knownFields(poolBody, path), knownFields(poolView, path)];
  return Object.fromEntries(
    Object.entries(shown).flatMap(([key, value]: [string, unknown]) => {
      if (!taken.includes(key) && seen.includes(key)) return [];
      const left = declaredOf(value, [...path, key]);
      return isEmpty(left) && !isEmpty(value) ? [] : [[key, left]];
    }),
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** `path: value` of all that is not an object, by path. */
function linesOf(value: unknown, path = ''): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, JSON.stringify(value)]];
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, part]) => linesOf(part, path === '' ? key : `${path}.${key}`));
}

/** What differs, a line each: `- path: before` and `+ path: after`. */
export function differences(before: unknown, after: unknown): readonly string[] {
  const [old, now] = [new Map(linesOf(before)), new Map(linesOf(after))];
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  return paths.flatMap((path) => {
    const [was, is] = [old.get(path), now.get(path)];
    if (was === is) return [];
    return [...(was === undefined ? [] : [`- ${path}: ${was}`]), ...(is === undefined ? [] : [`+ ${path}: ${is}`])];
  });
}
