// Which records of a pool a tick keeps a copy of: documents of nodes, and rows and chunks of tasks. What claims have is
// read anew each time. In the change list each of them has a short name.
import type { ItemKey } from '../../../ports/store.ts';
import { keys } from '../keys.ts';

export type CopiedKind = 'node' | 'row' | 'chunk';

const nodesPrefix = keys.nodes('');
const rowPrefix = keys.request('').pk;
const rowSk = keys.request('').sk;

/** null: of no kind that is copied; the row of a claim looks like one of tasks here. */
export function copiedKind({ pk, sk }: ItemKey): CopiedKind | null {
  if (pk.startsWith(nodesPrefix)) return 'node';
  if (!pk.startsWith(rowPrefix)) return null;
  if (sk === rowSk) return 'row';
  return sk.startsWith(keys.chunkPrefix) ? 'chunk' : null;
}

/** The pool of a node's document, as its key says. */
export function poolOfNode({ pk }: Pick<ItemKey, 'pk'>): string {
  return pk.slice(nodesPrefix.length);
}

/** The pool that the row of tasks says; null: it is a claim's, or cannot be read. */
export function poolOfRow(data: unknown): string | null {
  if (typeof data !== 'object' || data === null) return null;
  const { pool, spec } = data as { readonly pool?: unknown; readonly spec?: { readonly type?: unknown } };
  return typeof pool === 'string' && spec?.type === 'task' ? pool : null;
}

/** Of one that {@link copiedKind} knows. */
export function nameOfKey(key: ItemKey): string {
  switch (copiedKind(key)) {
    case 'node':
      return `n ${key.sk}`;
    case 'row':
      return `r ${keys.requestIdOf(key)}`;
    case 'chunk':
      return `c ${key.sk.slice(keys.chunkPrefix.length)} ${keys.requestIdOf(key)}`;
    case null:
      return '';
  }
}

/** null: no such name is given here. */
export function keyOfName(pool: string, name: string): ItemKey | null {
  const rest = name.slice(2);
  if (name.startsWith('n ') && rest !== '') return keys.node(pool, rest);
  if (name.startsWith('r ') && rest !== '') return keys.request(rest);
  const chunk = /^(\d{1,9}) (.+)$/.exec(rest);
  return name.startsWith('c ') && chunk ? keys.chunk(chunk[2] ?? '', Number(chunk[1])) : null;
}
