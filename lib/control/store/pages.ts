// Lists that are read page by page.
import type { AnyRequest } from '../../core/records/claim.ts';
import type { RequestState } from '../../core/records/request.ts';

export interface ListOptions {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface ListedPage<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface RequestFilter extends ListOptions {
  readonly tenant: string;
  readonly state?: RequestState | undefined;
  readonly type?: string | undefined;
  readonly pool?: string | undefined;
  readonly name?: string | undefined;
  /** Keys and values, all of which it has. */
  readonly labels?: readonly (readonly [string, string])[] | undefined;
  readonly sinceMs?: number | undefined;
  readonly order?: 'newest' | 'oldest' | undefined;
}

export interface RequestPage extends ListedPage<AnyRequest> {
  /** How many requests were looked at, those among them that the filter leaves out. */
  readonly examined: number;
}
