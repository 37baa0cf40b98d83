// Pages of describe calls: MaxResults within the action's limits, and tokens that name the place of the last item
// shown. Lists keep their order while things come and go, so the next page goes on behind that place, whatever has
// left the list meanwhile. Only the call that made a token takes it back.
import { Ec2Error } from '../../cloud/errors.ts';
import { hash32 } from '../../cloud/random.ts';

export interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface PageLimits {
  readonly min: number;
  readonly max: number;
  /** Page size where the caller names none; absent: everything in one answer. */
  readonly byDefault?: number;
  /** More than `max` is taken as `max`, as EC2 documents of volumes and snapshots; else it is refused. */
  readonly isCapped?: boolean;
  /** Items that one page looks at, at most: a page may end early, even empty, with a token. Absent: all. */
  readonly scanMax?: number;
}

/** Where an item stands in its list; compared from left to right. */
export type Place = readonly (string | number)[];
export interface Placed<T> {
  readonly place: Place;
  readonly item: T;
}

/** A list in an order that does not change: its items behind that place; null: from the start. */
export type ListFrom<T> = (after: Place | null) => Iterable<Placed<T>>;

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken: string | undefined;
}

/** @throws Ec2Error InvalidParameterValue for MaxResults out of bounds; InvalidNextToken for another call's token */
export function pageOf<T>(
  list: ListFrom<T>,
  request: PageRequest,
  limits: PageLimits,
  call: { readonly pageMark: string },
  matches: (item: T) => boolean = () => true,
): Page<T> {
  const size = sizeOf(request.MaxResults, limits);
  const after = request.NextToken === undefined || request.NextToken === '' ? null : placeOf(request.NextToken, call);
  const items: T[] = [];
  let last: Place | null = null;
  let scanned = 0;
  for (const { place, item } of list(after)) {
    scanned += 1;
    if (matches(item)) {
      // Only an item that follows makes another page.
      if (items.length === size) return { items, nextToken: last === null ? undefined : tokenOf(last, call) };
      items.push(item);
      last = place;
    }
    if (scanned === limits.scanMax) return { items, nextToken: tokenOf(place, call) };
  }
  return { items, nextToken: undefined };
}

function sizeOf(asked: number | undefined, limits: PageLimits): number {
  if (asked === undefined) return limits.byDefault ?? Infinity;
  if (asked < limits.min || (asked > limits.max && limits.isCapped !== true)) {
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value ( ${asked} ) for parameter maxResults is invalid. Expecting a value between `
        + `${limits.min} and ${limits.max}.`,
    );
  }
  return Math.min(asked, limits.max);
}

function tokenOf(place: Place, call: { readonly pageMark: string }): string {
  const written = JSON.stringify(place);
  return Buffer.from(`${hash32(`${written}/${call.pageMark}`).toString(16)}/${written}`).toString('base64url');
}

function placeOf(token: string, call: { readonly pageMark: string }): Place {
  const text = Buffer.from(token, 'base64url').toString();
  const written = text.slice(text.indexOf('/') + 1);
  const place = written.startsWith('[') ? readPlace(written) : null;
  // Written again and compared: neither another list's token nor a touched one comes out the same.
  if (place !== null && tokenOf(place, call) === token) return place;
  throw new Ec2Error('InvalidNextToken', 'The token is invalid.');
}

function readPlace(written: string): Place | null {
  try {
    return JSON.parse(written) as Place;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Negative where `a` comes first. A place comes before those that begin with it. */
export function comparePlaces(a: Place, b: Place): number {
  for (const [at, part] of a.entries()) {
    const other = b[at];
    if (other === undefined) return 1;
    if (part !== other) return part < other ? -1 : 1;
  }
  return a.length - b.length;
}

/** A list of which nothing is ever added or taken away: an item's place is its position. */
export function fixedList<T>(items: readonly T[]): ListFrom<T> {
  return function* (after) {
    for (let at = after === null ? 0 : Number(after[0]) + 1; at < items.length; at++)
      yield { place: [at], item: items[at] as T };
  };
}

/** A small list, put in the order of its items' places. */
export function placedList<T>(items: readonly T[], placeOfItem: (item: T) => Place): ListFrom<T> {
  const placed = items
    .map((item) => ({ place: placeOfItem(item), item }))
    .sort((a, b) => comparePlaces(a.place, b.place));
  return (after) => (after === null ? placed : placed.filter(({ place }) => comparePlaces(place, after) > 0));
}

/** One list behind the other. */
export function concatenated<T>(lists: readonly ListFrom<T>[]): ListFrom<T> {
  return function* (after) {
    const [first = 0, ...rest] = after ?? [];
    for (let at = Number(first); at < lists.length; at++) {
      const within = after !== null && at === Number(first) ? rest : null;
      for (const { place, item } of lists[at]?.(within) ?? []) yield { place: [at, ...place], item };
    }
  };
}

/** What hangs on each item of a list that is in the order of serial numbers; then in the order of `placeOfPart`. */
export function parts<T, P>(
  list: ListFrom<T>,
  partsOf: (item: T) => readonly P[],
  placeOfPart: (part: P) => string | number,
): ListFrom<P> {
  return function* (after) {
    // The last item may have more parts to show: it is looked at again, from just before its place.
    const [owner, part] = after ?? [];
    const before = owner === undefined ? null : [Number(owner) - 1];
    for (const { place, item } of list(before)) {
      const found = partsOf(item);
      if (found.length === 0) continue;
      const [own = ''] = place;
      const from = own === owner && part !== undefined ? [part] : null;
      for (const one of placedList(found, (each) => [placeOfPart(each)])(from))
        yield { place: [own, ...one.place], item: one.item };
    }
  };
}
