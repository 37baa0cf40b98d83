// What a document of another tool comes to.

export interface Shape {
  readonly kind: 'service' | 'task';
  readonly name: string;
  /** Of PUT /v1/services/{name}, or of POST /v1/requests. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Without what is undefined, nor mappings and lists that are empty. */
export function compact(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => {
      if (value === undefined) return false;
      return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
    }),
  );
}

/** A name of a port as Bellows takes it. */
export function portName(given: string | undefined, number: number): string {
  return given !== undefined && /^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/.test(given) ? given : `port-${String(number)}`;
}
