// Variants: what is tried on the trace, each in a world of its own.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { fieldErrors } from '../../api/problems.ts';
import { lasting } from '../measure/pool-money.ts';
import { poolBody, poolSpecOf } from '../../api/schemas/pools.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import { baselineNames } from '../baselines/index.ts';
import type { BaselineName } from '../baselines/index.ts';
import { varied } from './vary.ts';
import type { Vary } from './vary.ts';

export interface Variant {
  readonly name: string;
  /** Of a baseline: what it may buy is what the first pool that was given may. */
  readonly pools: readonly PoolSpec[];
  readonly baseline: BaselineName | null;
}

/** A file is not a pool, with the place and what is wrong there. */
export class PoolFileError extends Error {}

const poolsMax = 50;
/** Of what is wrong in a pool. */
const errorsShown = 10;
const charactersMax = 1_000_000;

/**
 * The variants of each file, named after it and after what is varied in all of its pools, then the baselines.
 * @throws PoolFileError
 */
export function variantsOf(
  files: readonly string[],
  baselines: readonly BaselineName[],
  sweeps: readonly Vary[] = [],
): readonly Variant[] {
  const names = new Set<string>(baselineNames);
  const variants = eachOf(files, (file) => variantsIn(file, sweeps))
    .flat()
    .map((variant) => {
      let { name } = variant;
      for (let at = 2; names.has(name); at += 1) name = `${variant.name}-${String(at)}`;
      names.add(name);
      return { ...variant, name };
    });
  const [first] = variants;
  const pools = first?.pools.slice(0, 1) ?? [];
  return [...variants, ...baselines.map((name): Variant => ({ name, pools, baseline: name }))];
}

function variantsIn(file: string, sweeps: readonly Vary[]): readonly Variant[] {
  const name = basename(file).replace(/\.[a-z]+$/i, '');
  const bodies = documentsOf(file);
  if (bodies.length === 0 || bodies.length > poolsMax)
    throw new PoolFileError(`${file} has ${String(bodies.length)} pools; one to ${String(poolsMax)} are needed`);
  const all = bodies.map((body) => varied(body, sweeps));
  return (all[0] ?? []).map(({ suffix }, at) => {
    const pools = eachOf(all, (one, number) =>
      poolIn(one[at]?.body, `${file}${suffix}, pool ${String(number + 1)}`, bodies.length === 1),
    );
    if (new Set(pools.map((pool) => pool.name)).size < pools.length)
      throw new PoolFileError(`${file} names a pool twice`);
    return { name: `${name}${suffix}`, pools, baseline: null };
  });
}

/** What is wrong in any of them is named, and not only in the first. @throws PoolFileError */
function eachOf<T, U>(items: readonly T[], of: (item: T, at: number) => U): readonly U[] {
  const errors: PoolFileError[] = [];
  const made = items.flatMap((item, at) => {
    try {
      return [of(item, at)];
    } catch (error) {
      if (!(error instanceof PoolFileError)) throw error;
      errors.push(error);
      return [];
    }
  });
  if (errors.length > 0) throw new PoolFileError(errors.map((one) => one.message).join('\n'), { cause: errors[0] });
  return made;
}

function poolIn(body: unknown, where: string, isOnly: boolean): PoolSpec {
  const parsed = poolBody.safeParse(body);
  if (!parsed.success) {
    const errors = fieldErrors(parsed.error.issues, [], poolBody);
    const [first, ...others] = errors.map(({ path, message }) => `${path} ${message}`.trim());
    const shown = others.slice(0, errorsShown - 1).map((one) => `\n  also: ${one}`);
    const more = others.length - shown.length;
    throw new PoolFileError(
      `${where}: ${first ?? 'is not a pool'}${shown.join('')}${more > 0 ? `\n  and ${String(more)} more` : ''}`,
    );
  }
  const name = parsed.data.name ?? (isOnly ? 'default' : null);
  if (name === null) throw new PoolFileError(`${where} has no name; one of several needs it`);
  // Traces name users of one cluster, whom the baselines let share nodes, too.
  const spec = poolSpecOf(name, { ...parsed.data, nodesServe: parsed.data.nodesServe ?? 'any-tenant' });
  return spec.commitments === undefined ? spec : { ...spec, commitments: lasting(spec.commitments) };
}

function documentsOf(file: string): readonly unknown[] {
  const text = textOf(file);
  if (text.length > charactersMax)
    throw new PoolFileError(`${file} is longer than ${String(charactersMax)} characters`);
  return [...parseAllDocuments(text)].flatMap((document): readonly unknown[] => {
    const [error] = document.errors;
    if (error) throw new PoolFileError(`${file}: ${error.message}`);
    // Aliases can multiply: more than a hundred is no file that people write.
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return Array.isArray(value) ? (value as readonly unknown[]) : [value];
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new PoolFileError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
