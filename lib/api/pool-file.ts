// A pool as the API shows it, made into what it takes: without the times, states and reasons that nobody declares.
import { knownFields } from './known-fields.ts';
import { poolBody, poolView } from './schemas/pools.ts';

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
