// Filters of describe calls: names are checked against what the resource has and against what EC2 documents, values
// may hold `*` and `?`, several values of one filter mean "any of", several filters mean "all of".
import { ownValue } from '../../../../core/values/dictionary.ts';
import { Ec2Error } from '../../cloud/errors.ts';
import { documentedFilters } from './api-model.ts';
import { list, struct, text, required } from './fields.ts';

export const filterField = list(struct({ Name: required(text()), Value: list(text({ max: 255 })) }));

type Values = string | number | boolean | null | undefined | readonly (string | number | boolean | null | undefined)[];

/** By filter name, what a resource has there. */
export type FilterTable<T> = Readonly<Record<string, FilterDefinition<T>>>;
export type FilterDefinition<T> =
  ((resource: T) => Values) | { readonly of: (resource: T) => Values; readonly allowed: readonly string[] };

export interface Tagged {
  readonly tags: Readonly<Record<string, string>>;
}

/** Limits of the documentation ("Filter your results using API"): 50 filters, 200 values each. */
const filtersMax = 50;
const valuesMax = 200;

export type Predicate<T> = (resource: T) => boolean;

export type ParsedFilters = readonly (
  { readonly Name: string; readonly Value: readonly (string | undefined)[] } | undefined
)[];

/**
 * @throws Ec2Error UnsupportedOperation for a filter that EC2 documents for the action and that is not modelled;
 *   InvalidParameterValue for one that the action does not have, or a value it cannot have; FilterLimitExceeded
 */
export function compileFilters<T extends Tagged>(
  filters: ParsedFilters,
  table: FilterTable<T>,
  action: string,
): Predicate<T> {
  if (filters.length > filtersMax)
    throw new Ec2Error(
      'FilterLimitExceeded',
      `The maximum number of filters specified on a single call is ${filtersMax}`,
    );
  const predicates = filters.flatMap((filter) =>
    filter ? [compileFilter(filter.Name, filter.Value, table, action)] : [],
  );
  return (resource) => predicates.every((predicate) => predicate(resource));
}

function compileFilter<T extends Tagged>(
  name: string,
  given: readonly (string | undefined)[],
  table: FilterTable<T>,
  action: string,
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
  if (!definition) throw noSuchFilter(name, action);
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
      ? found.some((one) => one !== null && one !== undefined && matches(String(one)))
      : matches(String(found));
  };
}

function noSuchFilter(name: string, action: string): Ec2Error {
  return documentedFilters.get(action)?.has(name) === true
    ? new Ec2Error('UnsupportedOperation', `The filter '${name}' is not modelled by this simulator`)
    : new Ec2Error('InvalidParameterValue', `The filter '${name}' is invalid`);
}

/** The values of a filter that is the only way to a small set (e.g. `tag:Name`), where none has a wildcard. */
export function exactValues(filters: ParsedFilters, name: string): readonly string[] | null {
  const filter = filters.find((candidate) => candidate?.Name === name);
  if (!filter) return null;
  const values = filter.Value.filter((value) => value !== undefined);
  return values.some((value) => /[*?\\]/.test(value)) ? null : values;
}

function anyOf(values: readonly string[]): Predicate<string> {
  const plain = new Set(values.filter((value) => !/[*?\\]/.test(value)));
  const patterns = values.filter((value) => /[*?\\]/.test(value)).map(patternOf);
  return (value) => plain.has(value) || patterns.some((matches) => matches(value));
}

const anyText = Symbol('*');
const anyCharacter = Symbol('?');

/**
 * `*` and `?` as in shells; a backslash takes their meaning away. Goes back to the last `*` only, so that a pattern of
 * many costs no more than its length times the text's.
 */
function patternOf(text: string): Predicate<string> {
  const pattern: (string | symbol)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\\' && at + 1 < text.length) pattern.push(text.charAt(++at));
    else if (character === '*') pattern.push(anyText);
    else pattern.push(character === '?' ? anyCharacter : character);
  }
  return (value) => {
    let [at, read] = [0, 0];
    let [star, starRead] = [-1, 0];
    while (read < value.length) {
      if (pattern[at] === anyText) [star, starRead, at] = [at, read, at + 1];
      else if (pattern[at] === anyCharacter || pattern[at] === value.charAt(read)) [at, read] = [at + 1, read + 1];
      else if (star >= 0) [at, starRead, read] = [star + 1, starRead + 1, starRead + 1];
      else return false;
    }
    while (pattern[at] === anyText) at += 1;
    return at === pattern.length;
  };
}

/** Filters of what nothing here ever has (a host, an Outpost, an IPv6 address): they work, and meet nothing. */
export function neverMet(...names: readonly string[]): FilterTable<unknown> {
  return Object.fromEntries(names.map((name) => [name, () => undefined]));
}

/** A part's table as filters of the whole that has such parts: `mac-address` as `network-interface.mac-address`. */
export function ofParts<W, P>(
  prefix: string,
  table: FilterTable<P>,
  partsOf: (whole: W) => readonly P[],
): FilterTable<W> {
  return Object.fromEntries(
    Object.entries(table).map(([name, definition]): [string, FilterDefinition<W>] => {
      const read = typeof definition === 'object' ? definition.of : definition;
      const of = (whole: W): Values => {
        const found = partsOf(whole);
        const [only] = found;
        return found.length === 1 && only !== undefined ? read(only) : found.flatMap((part) => read(part) ?? []);
      };
      return [prefix + name, typeof definition === 'object' ? { of, allowed: definition.allowed } : of];
    }),
  );
}
