// Whether two pieces of plain data say the same. Records share most of their parts with those they follow from: what
// is the same object is not looked into.

/** As JSON text would say it, but for the order of properties; one that is undefined is absent. */
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
