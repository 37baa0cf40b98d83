// Lists that are read page by page.

export interface ListOptions {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface ListedPage<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
