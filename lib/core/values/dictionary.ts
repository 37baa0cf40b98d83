// Maps with keys from outside, kept as plain objects because they are stored or answered as JSON. A label,
// alarm or tag may be called `constructor` or `__proto__`: no such key is ever looked up in a prototype.

/** Empty, without a prototype. */
export function dictionary<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

/** The map's own value; never what its prototype has. */
export function ownValue<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/**
 * Whether two pieces of plain data say the same, as JSON text would, but for the order of properties; one that is
 * undefined is absent. Records share most parts with those they follow from: the same object is not looked into.
 */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, at) => isSame(one, b[at]));
  const known = b as Readonly<Record<string, unknown>>;
  let left = Object.values(known).filter((part) => part !== undefined).length;
  for (const [name, part] of Object.entries(a)) {
    if (part === undefined) continue;
    if (!Object.hasOwn(known, name) || !isSame(part, known[name])) return false;
    left -= 1;
  }
  return left === 0;
}

/**
 * The known text that differs from the given one by the fewest letters put in, left out or changed;
 * null where none is near.
 */
export function nearest(given: string, known: readonly string[]): string | null {
  const text = given.slice(0, 64).toLowerCase();
  let best: { readonly one: string; readonly distance: number } | null = null;
  for (const one of known) {
    const distance = editDistance(text, one.toLowerCase());
    if (best === null || distance < best.distance) best = { one, distance };
  }
  return best !== null && best.distance <= Math.max(2, Math.floor(best.one.length / 2)) ? best.one : null;
}

/** Levenshtein's: letters put in, left out or changed. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** What is wrong with a field that is none of the known ones. */
export function unknownField(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  // Of a union another branch has it.
  if (near === key) return 'does not go with the other fields; remove it';
  return near === null
    ? 'is not a known field; remove it or check its spelling'
    : `is not a known field; did you mean ${near}?`;
}

type Compact<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the keys whose value is undefined: schemas leave them, the core's optional keys are present or absent. */
export function compact<T extends object>(value: T): Compact<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Compact<T>;
}

/**
 * A short name of a text: FNV-1a with two initial values, 64 bits in all, as 16 hex digits. It detects changes, and is
 * no protection against forgery.
 */
export function shortHash(text: string): string {
  let [a, b] = [0x811c9dc5, 0x01234567];
  for (let i = 0; i < text.length; i += 1) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193) >>> 0;
    b = Math.imul(b ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return [a, b].map((one) => one.toString(16).padStart(8, '0')).join('');
}
