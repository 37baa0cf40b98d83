// Cursors of the store's lists: opaque to callers, the same in every adapter, and refused by any other list.
import { InvalidCursorError } from '../store.ts';
import type { IndexName, ItemKey, QueryOptions } from '../store.ts';

/**
 * The list goes on behind this entry. In an index several items may share a sort key: then their own keys order
 * them. null: nothing was passed yet (an empty first page).
 */
export type Position = { readonly sk: string; readonly base: ItemKey | null } | null;

export function encodeCursor(index: IndexName | null, options: QueryOptions, position: Position): string {
  const parts =
    position === null ? [] : position.base === null ? [position.sk] : [position.sk, position.base.pk, position.base.sk];
  const text = JSON.stringify(parts);
  return Buffer.from(`${checksum(listName(index, options) + text)}${text}`).toString('base64url');
}

/** @throws InvalidCursorError unless {@link encodeCursor} made it for this very list */
export function decodeCursor(index: IndexName | null, options: QueryOptions): Position {
  const { cursor } = options;
  if (cursor === undefined) return null;
  const decoded = Buffer.from(cursor, 'base64url').toString();
  const text = decoded.slice(checksumLength);
  // The checksum covers list and position, so what passes is text that encodeCursor wrote.
  const isOurs =
    decoded.startsWith(checksum(listName(index, options) + text))
    && Buffer.from(decoded).toString('base64url') === cursor;
  const parts: unknown = isOurs ? parse(text) : null;
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) throw new InvalidCursorError(cursor);
  const [sk, basePk, baseSk] = parts;
  if (sk === undefined) return null;
  const hasBase = basePk !== undefined && baseSk !== undefined;
  if (hasBase !== (index !== null)) throw new InvalidCursorError(cursor);
  return { sk, base: hasBase ? { pk: basePk, sk: baseSk } : null };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // A checksum that fits by chance: the caller answers InvalidCursorError.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function listName(index: IndexName | null, options: QueryOptions): string {
  return JSON.stringify([
    index,
    options.pk,
    options.skPrefix ?? '',
    options.skFrom ?? '',
    options.isDescending === true,
  ]);
}

const checksumLength = 8;

// FNV-1a over code units: against mix-ups, not against forgers, for whom a cursor is no more than a place in
// a partition that the server chose anyway.
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash.toString(16).padStart(checksumLength, '0');
}
