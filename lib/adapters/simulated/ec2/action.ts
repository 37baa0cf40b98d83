// What one action of the API is: its name, its rate class, its parameters as a table, and what it does.
import { Ec2Error } from '../cloud/errors.ts';
import { boolean, parseFields } from './protocol/fields.ts';
import type { Fields, Parsed } from './protocol/fields.ts';
import { canonicalQuery } from './protocol/query.ts';
import type { QueryNode } from './protocol/query.ts';
import type { Wire } from './protocol/xml.ts';
import type { World } from './world.ts';

/**
 * Which token bucket pays where the action has none of its own ("Request throttling for the Amazon EC2
 * API"): reading, reading one page after another without a filter, changing, and the few dear ones.
 */
export type RateClass = 'non-mutating' | 'unfiltered' | 'mutating' | 'resource-intensive';

export interface CallInfo {
  readonly requestId: string;
  /** Canonical text of all parameters but the token, to distinguish a repeat from a call with other parameters. */
  readonly parameters: string;
  /** Canonical text of all parameters but the paging ones: binds a NextToken to its list. */
  readonly pageMark: string;
}

export interface Action {
  readonly name: string;
  readonly rate: RateClass;
  /** How many resources the call concerns, for actions with a resource bucket. */
  readonly resources: (parameters: QueryNode) => number;
  readonly handle: (world: World, node: QueryNode, requestId: string) => Wire;
}

const tokenOnly = new Set(['ClientToken', 'DryRun']);
const pagingOnly = new Set(['NextToken', 'MaxResults', 'DryRun']);

export function action<F extends Fields>(definition: {
  readonly name: string;
  readonly rate: RateClass;
  readonly fields: F;
  readonly resources?: (parameters: QueryNode) => number;
  /** What DryRun checks beyond the parameters' form: that what they name is there. */
  readonly check?: (world: World, parameters: Parsed<F>) => void;
  readonly run: (world: World, parameters: Parsed<F>, call: CallInfo) => Wire;
}): Action {
  const fields = { ...definition.fields, DryRun: boolean() };
  return {
    name: definition.name,
    rate: definition.rate,
    resources: definition.resources ?? (() => 1),
    handle(world, node, requestId) {
      const parsed: Parsed<F> & { readonly DryRun?: unknown } = parseFields<F>(fields, node);
      if (parsed.DryRun === true) {
        definition.check?.(world, parsed);
        throw new Ec2Error('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
      }
      return definition.run(world, parsed, {
        requestId,
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

/** The answer of actions that say no more than that they worked. */
export const done: Wire = { return: true };
