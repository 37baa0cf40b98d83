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
