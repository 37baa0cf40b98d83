// What one action of the API is: its name, its rate class, its parameters and filters as tables, and what it does.
import { Ec2Error } from '../cloud/errors.ts';
import { apiActions } from './protocol/api-model.ts';
import { boolean, parseFields, shapeOf } from './protocol/fields.ts';
import type { Fields, Parsed, Shape } from './protocol/fields.ts';
import { compileFilters } from './protocol/filters.ts';
import type { FilterTable, ParsedFilters, Predicate, Tagged } from './protocol/filters.ts';
import { canonicalQuery } from './protocol/query.ts';
import type { QueryNode } from './protocol/query.ts';
import type { Wire } from './protocol/xml.ts';
import type { World } from './world.ts';

/**
 * Which token bucket pays where the action has none of its own ("Request throttling for the Amazon EC2
 * API"): reading, reading everything at once, changing, and the few dear ones.
 */
export type RateClass = 'non-mutating' | 'unfiltered' | 'mutating' | 'resource-intensive';

export interface CallInfo<T = never> {
  readonly requestId: string;
  /** Canonical text of all parameters but the token, to distinguish a repeat from a call with other parameters. */
  readonly parameters: string;
  /** Canonical text of all parameters but the paging ones: binds a NextToken to its list. */
  readonly pageMark: string;
  /** What the call's filters let through. Throws Ec2Error for filters that the action does not have. */
  readonly matches: Predicate<T>;
}

export interface Action {
  readonly name: string;
  /** Of this call: reading everything at once, where that is dearer, has a bucket of its own. */
  readonly rateOf: (parameters: QueryNode) => RateClass;
  /** How many resources the call concerns, for actions with a resource bucket. */
  readonly resources: (parameters: QueryNode) => number;
  readonly handle: (world: World, node: QueryNode, requestId: string) => Wire;
  /** What it takes, and which of that without an effect or not at all. */
  readonly shape: Shape;
  /** The filters that work; null: it has none. */
  readonly filterNames: (world: World) => readonly string[] | null;
}

const tokenOnly = new Set(['ClientToken', 'DryRun']);
const pagingOnly = new Set(['NextToken', 'MaxResults', 'DryRun']);
const narrowing = ['Filter', 'MaxResults', 'NextToken'];

export function action<F extends Fields, T extends Tagged = never>(definition: {
  readonly name: string;
  readonly rate: Exclude<RateClass, 'unfiltered'>;
  /** It pays from the smaller bucket where the call has neither a filter nor pages. */
  readonly isDearUnfiltered?: boolean;
  /** DryRun is answered before values are looked at, as EC2 was seen to do it for CreateFleet. */
  readonly isDryRunFirst?: boolean;
  readonly fields: F;
  /** What its parameter Filter can look at; of the same name as the parameter. */
  readonly filters?: (world: World) => FilterTable<T>;
  readonly resources?: (parameters: QueryNode) => number;
  /** What DryRun checks beyond the parameters' form: that what they name is there. */
  readonly check?: (world: World, parameters: Parsed<F>) => void;
  readonly run: (world: World, parameters: Parsed<F>, call: CallInfo<T>) => Wire;
}): Action {
  const { name, filters } = definition;
  const fields = { ...definition.fields, DryRun: boolean() };
  // Of a hundred filters and more: made once for a world, and not for calls without any.
  const tables = new WeakMap<World, FilterTable<T>>();
  const tableOf = (world: World): FilterTable<T> => {
    const known = tables.get(world);
    if (known) return known;
    const table = filters?.(world) ?? {};
    tables.set(world, table);
    return table;
  };
  return {
    name,
    rateOf: (node) =>
      definition.isDearUnfiltered === true && !narrowing.some((one) => node.children.has(one))
        ? 'unfiltered'
        : definition.rate,
    resources: definition.resources ?? (() => 1),
    shape: shapeOf(fields),
    filterNames: (world) => (filters ? Object.keys(filters(world)) : null),
    handle(world, node, requestId) {
      if (definition.isDryRunFirst === true && node.children.get('DryRun')?.value === 'true') throw dryRun();
      const parsed: Parsed<F> & { readonly DryRun?: unknown; readonly Filter?: unknown } = parseFields<F>(fields, node);
      const given = (parsed.Filter ?? []) as ParsedFilters;
      const matches = given.length === 0 ? anything : compileFilters<T>(given, tableOf(world), name);
      if (parsed.DryRun === true) {
        definition.check?.(world, parsed);
        throw dryRun();
      }
      return definition.run(world, parsed, {
        requestId,
        matches,
        get parameters() {
          return canonicalQuery(node, tokenOnly);
        },
        get pageMark() {
          return canonicalQuery(node, pagingOnly);
        },
      });
    },
  };
}

const anything = (): boolean => true;

function dryRun(): Ec2Error {
  return new Ec2Error('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}

/** The answer of actions that say no more than that they worked. */
export const done: Wire = { return: true };

/** UnsupportedOperation for an action that EC2 has and this simulator does not; else InvalidAction. */
export function noSuchAction(name: string): Ec2Error {
  return apiActions.has(name)
    ? new Ec2Error('UnsupportedOperation', `The action ${name} is not modelled by this simulator.`)
    : new Ec2Error('InvalidAction', `The action ${name === '' ? '(none)' : name} is not valid for this web service.`);
}
