// A file of the page as it is served.
export interface Asset {
  /** Where it is served. */
  readonly path: string;
  readonly type: string;
  readonly text: string;
}
