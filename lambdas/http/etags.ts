// ETags of answers, beside their bodies: a pool is sent back as it was read, and a field that PUT does not take
// would be in the way.
const tags = new WeakMap<object, string>();

/** The same body, whose answer carries this revision as its ETag. */
export function withEtag<T extends object>(body: T, revision: string): T {
  tags.set(body, `"${revision}"`);
  return body;
}

/** null: it has none. */
export function etagOf(body: unknown): string | null {
  return typeof body === 'object' && body !== null ? (tags.get(body) ?? null) : null;
}
