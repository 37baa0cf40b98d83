// Every view has an address: #/PAGE/ID?key=value. Nothing else says what is shown.

export const pages = ['now', 'requests', 'nodes', 'cost'] as const;
export type Page = (typeof pages)[number];

export interface Place {
  readonly page: Page;
  /** Of one request or node; null: the list. */
  readonly id: string | null;
  readonly query: Readonly<Record<string, string>>;
}

export function placeOf(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?');
  const [first = '', id = ''] = path.split('/');
  const page = pages.find((one) => one === first) ?? 'now';
  const query = Object.fromEntries([...new URLSearchParams(search)].filter(([, value]) => value !== ''));
  return { page, id: id === '' ? null : decoded(id), query };
}

export function linkTo(
  page: Page,
  id?: string | null,
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const search = new URLSearchParams(given).toString();
  return `#/${page}${id ? `/${encodeURIComponent(id)}` : ''}${search === '' ? '' : `?${search}`}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoding after all: the server says that there is no such thing.
    return text;
  }
}
