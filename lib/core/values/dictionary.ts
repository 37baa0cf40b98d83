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
