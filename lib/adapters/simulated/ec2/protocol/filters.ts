// Filters of describe calls: names are checked against what the resource has, values may hold `*` and `?`,
// several values of one filter mean "any of", several filters mean "all of".
import { ownValue } from '../../../../core/values/dictionary.ts';
import { Ec2Error } from '../../cloud/errors.ts';
import { list, struct, text, required } from './fields.ts';

export const filterField = list(struct({ Name: required(text()), Value: list(text({ max: 255 })) }));

type Values = string | number | boolean | null | undefined | readonly (string | number | boolean | undefined)[];

/** By filter name, what a resource has there. */
export type FilterTable<T> = Readonly<Record<string, FilterDefinition<T>>>;
export type FilterDefinition<T> =
  ((resource: T) => Values) | { readonly of: (resource: T) => Values; readonly allowed: readonly string[] };

interface Tagged {
  readonly tags: Readonly<Record<string, string>>;
}

/** Limits of the documentation ("Filter your results using API"): 50 filters, 200 values each. */
const valuesMax = 200;

export type Predicate<T> = (resource: T) => boolean;

type ParsedFilters = readonly (
  { readonly Name: string; readonly Value: readonly (string | undefined)[] } | undefined
)[];

/** @throws Ec2Error InvalidParameterValue for a filter that the resource does not have, or a value it cannot have */
export function compileFilters<T extends Tagged>(filters: ParsedFilters, table: FilterTable<T>): Predicate<T> {
  const predicates = filters.flatMap((filter) => (filter ? [compileFilter(filter.Name, filter.Value, table)] : []));
  return (resource) => predicates.every((predicate) => predicate(resource));
}

function compileFilter<T extends Tagged>(
  name: string,
  given: readonly (string | undefined)[],
  table: FilterTable<T>,
): Predicate<T> {
  const values = given.filter((value) => value !== undefined);
  if (values.length > valuesMax)
    throw new Ec2Error(
      'FilterLimitExceeded',
      `The maximum number of filter values specified on a single call is ${valuesMax}`,
    );
  if (values.length === 0)
    throw new Ec2Error('InvalidParameterValue', `The filter '${name}' must have at least one value`);
  const matches = anyOf(values);
  if (name.startsWith('tag:')) {
    const key = name.slice(4);
    return (resource) => {
      const value = ownValue(resource.tags, key);
      return value !== undefined && matches(value);
    };
  }
  if (name === 'tag-key') return (resource) => Object.keys(resource.tags).some(matches);
  if (name === 'tag-value') return (resource) => Object.values(resource.tags).some(matches);
  const definition = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!definition) throw new Ec2Error('InvalidParameterValue', `The filter '${name}' is invalid`);
  if (typeof definition === 'object') {
    const wrong = values.find((value) => !/[*?]/.test(value) && !definition.allowed.includes(value));
    if (wrong !== undefined)
      throw new Ec2Error(
        'InvalidParameterValue',
        `Invalid value '${wrong}' for filter ${name}. Valid values are: ${definition.allowed.join(', ')}`,
      );
  }
  const read = typeof definition === 'object' ? definition.of : definition;
  return (resource) => {
    const found = read(resource);
    if (found === null || found === undefined) return false;
    return Array.isArray(found)
      ? found.some((one) => one !== undefined && matches(String(one)))
      : matches(String(found));
  };
}

/** The values of a filter that is the only way to a small set (e.g. `tag:Name`), where none has a wildcard. */
export function exactValues(filters: ParsedFilters, name: string): readonly string[] | null {
  const filter = filters.find((candidate) => candidate?.Name === name);
  if (!filter) return null;
  const values = filter.Value.filter((value) => value !== undefined);
  return values.some((value) => /[*?\\]/.test(value)) ? null : values;
}

function anyOf(values: readonly string[]): (value: string) => boolean {
  const plain = new Set(values.filter((value) => !/[*?\\]/.test(value)));
  const patterns = values.filter((value) => /[*?\\]/.test(value)).map(toPattern);
  return (value) => plain.has(value) || patterns.some((pattern) => pattern.test(value));
}

/** `*` and `?` as in shells; a backslash takes their meaning away. */
function toPattern(value: string): RegExp {
  let source = '';
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (character === '\\' && at + 1 < value.length) source += quote(value.charAt(++at));
    else if (character === '*') source += '[^]*';
    else if (character === '?') source += '[^]';
    else source += quote(character);
  }
  return new RegExp(`^${source}$`);
}

function quote(character: string): string {
  return character.replace(/[\\^$.|?*+()[\]{}/-]/, '\\$&');
}
