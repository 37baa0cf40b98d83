// What an action takes, declared: every parameter with its shape and limits, parsed into typed values.
// What is not declared is refused, as EC2 refuses it.
import { Ec2Error } from '../../cloud/errors.ts';
import type { QueryNode } from './query.ts';

/** What a field takes, for the list of what is modelled: lists have the shape of their members. */
export type Shape =
  | { readonly kind: 'value' | 'not-modelled' | 'without-effect' }
  | { readonly kind: 'structure'; readonly members: Readonly<Record<string, Shape>> };

export interface Field<T> {
  readonly shape: Shape;
  /** `node` is undefined where the parameter is absent. */
  parse(node: QueryNode | undefined, path: string): T;
}

export function shapeOf(fields: Fields): Shape {
  return {
    kind: 'structure',
    members: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.shape])),
  };
}

export type Fields = Readonly<Record<string, Field<unknown>>>;
export type Parsed<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

export function missingParameter(path: string): Ec2Error {
  return new Ec2Error('MissingParameter', `The request must contain the parameter ${path}`);
}

export function invalidValue(path: string, value: string, why: string): Ec2Error {
  return new Ec2Error('InvalidParameterValue', `Value (${value}) for parameter ${path} is invalid. ${why}`);
}

function scalar<T>(convert: (value: string, path: string) => T): Field<T | undefined> {
  return {
    shape: { kind: 'value' },
    parse(node, path) {
      if (!node) return undefined;
      const [child] = node.children.keys();
      if (child !== undefined)
        throw new Ec2Error('UnknownParameter', `The parameter ${path}.${child} is not recognized`);
      return convert(node.value ?? '', path);
    },
  };
}

export function text(
  limits: { readonly max?: number; readonly pattern?: RegExp; readonly why?: string } = {},
): Field<string | undefined> {
  return scalar((value, path) => {
    if (limits.max !== undefined && value.length > limits.max)
      throw invalidValue(path, value.slice(0, 80), `Length must be less than or equal to ${limits.max}`);
    if (limits.pattern && !limits.pattern.test(value)) throw invalidValue(path, value, limits.why ?? 'Invalid format');
    return value;
  });
}

export function oneOf<const T extends string>(...values: readonly T[]): Field<T | undefined> {
  return scalar((value, path) => {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) throw invalidValue(path, value, `Valid values are: ${values.join(', ')}`);
    return found;
  });
}

export function boolean(): Field<boolean | undefined> {
  return scalar((value, path) => {
    const lower = value.toLowerCase();
    if (lower === 'true' || lower === '1') return true;
    if (lower === 'false' || lower === '0') return false;
    throw invalidValue(path, value, "It must be 'true' or 'false'");
  });
}

export function integer(limits: { readonly min?: number; readonly max?: number } = {}): Field<number | undefined> {
  return scalar((value, path) => {
    if (!/^-?\d{1,15}$/.test(value)) throw invalidValue(path, value, 'It must be an integer');
    return within(Number(value), limits, path, value);
  });
}

export function decimal(limits: { readonly min?: number; readonly max?: number } = {}): Field<number | undefined> {
  return scalar((value, path) => {
    const number = Number(value);
    if (value.trim() === '' || !Number.isFinite(number)) throw invalidValue(path, value, 'It must be a number');
    return within(number, limits, path, value);
  });
}

function within(
  number: number,
  limits: { readonly min?: number; readonly max?: number },
  path: string,
  value: string,
): number {
  if (limits.min !== undefined && number < limits.min)
    throw invalidValue(path, value, `Expecting a value greater than or equal to ${limits.min}`);
  if (limits.max !== undefined && number > limits.max)
    throw invalidValue(path, value, `Expecting a value less than or equal to ${limits.max}`);
  return number;
}

/** Milliseconds since 1970. */
export function timestamp(): Field<number | undefined> {
  return scalar((value, path) => {
    const ms = Date.parse(value);
    if (Number.isNaN(ms)) throw invalidValue(path, value, 'It must be a time such as 2026-01-31T12:00:00Z');
    return ms;
  });
}

export function required<T>(field: Field<T | undefined>): Field<T> {
  return {
    shape: field.shape,
    parse(node, path) {
      const value = field.parse(node, path);
      // EC2 takes an empty text for none.
      if (value === undefined || value === '') throw missingParameter(path);
      return value;
    },
  };
}

/** `Name.1`, `Name.2`, …; also `Name.item.1`. Empty where absent. */
export function list<T>(field: Field<T>): Field<readonly T[]> {
  return {
    shape: field.shape,
    parse(node, path) {
      if (!node) return [];
      // SDKs write an empty list as `Name=`.
      if (node.children.size === 0 && (node.value ?? '') === '') return [];
      if (node.value !== null && node.value !== '')
        throw invalidValue(path, node.value, 'It is a list: number its members, as in Name.1');
      const members = node.children.get('item')?.children ?? node.children;
      return [...members]
        .map(([name, child]) => {
          if (!/^\d{1,6}$/.test(name))
            throw new Ec2Error('UnknownParameter', `The parameter ${path}.${name} is not recognized`);
          return { at: Number(name), child, path: `${path}.${name}` };
        })
        .sort((a, b) => a.at - b.at)
        .map((member) => field.parse(member.child, member.path));
    },
  };
}

export function requiredList<T>(field: Field<T>): Field<readonly T[]> {
  const any = list(field);
  return {
    shape: field.shape,
    parse(node, path) {
      const values = any.parse(node, path);
      if (values.length === 0) throw missingParameter(path);
      return values;
    },
  };
}

export function struct<F extends Fields>(fields: F): Field<Parsed<F> | undefined> {
  return {
    shape: shapeOf(fields),
    parse(node, path) {
      return node ? parseFields(fields, node, path === '' ? '' : `${path}.`) : undefined;
    },
  };
}

/** A parameter that EC2 has and this simulator does not: refused aloud rather than dropped in silence. */
export function notModelled(): Field<undefined> {
  return {
    shape: { kind: 'not-modelled' },
    parse(node, path) {
      if (node) throw new Ec2Error('UnsupportedOperation', `The parameter ${path} is not modelled by this simulator`);
      return undefined;
    },
  };
}

/**
 * Accepted without an effect here, because it could not be seen from outside anyway (e.g. a
 * shutdown that skips the OS).
 */
export function withoutEffect(): Field<undefined> {
  return { shape: { kind: 'without-effect' }, parse: () => undefined };
}

/** All fields of one level; anything else there is unknown. */
export function parseFields<F extends Fields>(fields: F, node: QueryNode, prefix = ''): Parsed<F> {
  for (const name of node.children.keys()) {
    if (!Object.hasOwn(fields, name))
      throw new Ec2Error('UnknownParameter', `The parameter ${prefix}${name} is not recognized`);
  }
  const parsed: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields))
    parsed[name] = field.parse(node.children.get(name), prefix + name);
  return parsed as Parsed<F>;
}
