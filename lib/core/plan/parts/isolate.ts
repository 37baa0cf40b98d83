// A decision about many records that throws is made without the record that is at fault. Decisions are pure
// and begin with working copies of their own, so one that failed leaves nothing behind, and can be made
// again of fewer records.

export interface Culprit {
  /** As the caller named the record. */
  readonly key: string;
  /** What the decision threw. */
  readonly error: string;
}

export interface Isolated<T> {
  readonly value: T;
  /** Records that were left out, with what they made the decision throw. */
  readonly culprits: readonly Culprit[];
  /** Records that were left out because there was no time to try them, for the next decision. */
  readonly untried: readonly string[];
}

/** More than these in one decision wait for the next: each is searched for by making the decision some ten times. */
const culpritsMax = 20;

/**
 * What `decide` answers of as many records as it can be made of. `without` are the keys of those that it leaves out.
 * Of two records that only together make it throw, the later one in the keys is the culprit.
 * @throws what `decide` throws of no record at all: that is no record's fault
 */
export function isolate<T>(keysOf: () => readonly string[], decide: (without: ReadonlySet<string>) => T): Isolated<T> {
  const first = attempt(decide, new Set());
  // Hardly ever is anything wrong, and of a large pool the names alone are much.
  return 'value' in first ? { value: first.value, culprits: [], untried: [] } : isolateAmong(keysOf(), first, decide);
}

function isolateAmong<T>(
  keys: readonly string[],
  first: Attempt<T>,
  decide: (without: ReadonlySet<string>) => T,
): Isolated<T> {
  const culprits: Culprit[] = [];
  const out = new Set<string>();
  let rest = keys;
  let sound = 0;
  for (let whole = first; ; whole = attempt(decide, out)) {
    if ('value' in whole) return { value: whole.value, culprits, untried: [] };
    if (sound === 0) {
      const none = attempt(decide, new Set(keys));
      if ('error' in none) throw none.error;
    }
    const found = shortestFailing(rest, sound, whole.error, out, decide);
    const key = rest[found.length - 1] ?? '';
    culprits.push({ key, error: messageOf(found.error) });
    out.add(key);
    rest = rest.filter((one) => one !== key);
    sound = found.length - 1;
    if (culprits.length < culpritsMax) continue;
    const untried = rest.slice(sound);
    return { value: decide(new Set([...out, ...untried])), culprits, untried };
  }
}

type Attempt<T> = { readonly value: T } | { readonly error: unknown };

function attempt<T>(decide: (without: ReadonlySet<string>) => T, without: ReadonlySet<string>): Attempt<T> {
  try {
    return { value: decide(without) };
  } catch (error) {
    return { error };
  }
}

/**
 * The shortest beginning of `keys` of which the decision fails, of those longer than `sound`, by halves.
 * `error`: that of all of them.
 */
function shortestFailing<T>(
  keys: readonly string[],
  sound: number,
  error: unknown,
  out: ReadonlySet<string>,
  decide: (without: ReadonlySet<string>) => T,
): { readonly length: number; readonly error: unknown } {
  let [low, high, last] = [sound, keys.length, error];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const tried = attempt(decide, new Set([...out, ...keys.slice(middle)]));
    if ('error' in tried) [high, last] = [middle, tried.error];
    else low = middle;
  }
  return { length: high, error: last };
}

const messageBytesMax = 1_000;

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, messageBytesMax);
}
