// Which fields a schema knows at a path, so that the answer to any other can name the nearest.
import type * as z from 'zod';

/** The parts of zod's definitions by which schemas nest. */
interface Definition {
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly options?: readonly z.core.$ZodType[];
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly out?: z.core.$ZodType;
}

function definitionOf(schema: z.core.$ZodType): Definition {
  return schema._zod.def as Definition;
}

/** What a schema that only wraps others may be. */
function insideOf({ innerType, in: from, out, options = [] }: Definition): readonly z.core.$ZodType[] {
  return [innerType, from, out, ...options].filter((one) => one !== undefined);
}

/** All objects that a value at this place may be. */
function objectsOf(schema: z.core.$ZodType): readonly Definition[] {
  const definition = definitionOf(schema);
  return definition.shape === undefined ? insideOf(definition).flatMap(objectsOf) : [definition];
}

function entriesOf(schema: z.core.$ZodType, key: PropertyKey): readonly z.core.$ZodType[] {
  const definition = definitionOf(schema);
  const { shape, element, valueType } = definition;
  if (shape !== undefined) {
    const field = typeof key === 'string' && Object.hasOwn(shape, key) ? shape[key] : undefined;
    return field === undefined ? [] : [field];
  }
  const own = typeof key === 'number' ? element : valueType;
  return own === undefined ? insideOf(definition).flatMap((one) => entriesOf(one, key)) : [own];
}

export function knownFields(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  let places: readonly z.core.$ZodType[] = [schema];
  for (const key of path) places = places.flatMap((place) => entriesOf(place, key));
  return [...new Set(places.flatMap(objectsOf).flatMap(({ shape = {} }) => Object.keys(shape)))];
}
