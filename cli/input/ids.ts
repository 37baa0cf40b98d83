// Wherever an id is taken, the beginning of one and a name are taken, too, while they mean one request only.
import { usageError } from '../errors.ts';
import { allPages } from '../pages.ts';
import type { ListPage, PageQuery } from '../pages.ts';

const wholeId = /^r-[0-9a-f]{26}$/;
const beginning = /^r-[0-9a-f]{1,25}$/;
const name = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
/** Beginnings of ids are looked for among so many of the newest requests. */
const lookedAt = 5_000;
const shown = 5;

/** Lists requests, the newest first. */
type List = (query: PageQuery & { readonly name?: string }) => Promise<ListPage<{ readonly id: string }>>;

/** What is no beginning and no name is left to the server, which says what is wrong with it. */
export async function requestIdOf(list: List, given: string): Promise<string> {
  if (wholeId.test(given)) return given;
  if (beginning.test(given)) {
    const { items } = await allPages(list, lookedAt);
    return only(
      given,
      items.flatMap(({ id }) => (id.startsWith(given) ? [id] : [])),
      'begin with',
    );
  }
  if (!name.test(given)) return given;
  const { items } = await allPages((query) => list({ name: given, ...query }), shown + 1);
  return only(
    given,
    items.map((one) => one.id),
    'are called',
  );
}

function only(given: string, ids: readonly string[], what: string): string {
  if (ids.length <= 1) return ids[0] ?? given;
  throw usageError(
    `several requests ${what} ${given}: ${ids.slice(0, shown).join(', ')}${ids.length > shown ? ', …' : ''}`,
    'give the id of one of them, or more of it',
  );
}
