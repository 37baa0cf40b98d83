// Requirements as the API takes and shows them: lists of allowed values, least values, and expressions with operators.
import * as z from 'zod';
import { normalName } from '../../core/catalog/facts.ts';
import { nearest } from '../../core/values/dictionary.ts';
import { factKeys, kindOfKey, operators } from '../../core/values/requirements.ts';
import type { FactKey, MatchExpression, Requirements } from '../../core/values/requirements.ts';
import { limits } from '../limits.ts';
import { inSchema } from '../problems.ts';
import { compact, wholeNumber } from './values.ts';

/** Of an instance type, under the names that requirements have for it. */
export const leastHardware = {
  minLocalDiskGib: wholeNumber(1, 1_000_000)
    .optional()
    .meta({ description: 'NVMe instance store; what is on it goes with the instance.' }),
  minNetworkGbps: wholeNumber(1, 10_000)
    .optional()
    .meta({ description: 'Baseline bandwidth, not what it may burst to.' }),
};

/** Of a task or a machine. */
export const bursty = z
  .boolean('must be true or false')
  .optional()
  .meta({
    description:
      'It uses little CPU but for bursts: burstable types (T) count their list price. Otherwise they count what '
      + 'full CPU for all the time costs, surplus credits included.',
  });

const name = (what: string, example: string): z.ZodString =>
  z
    .string()
    .overwrite(normalName)
    .regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, `must be ${what}, e.g. "${example}"`);
const allowed = <T extends z.ZodType>(one: T): z.ZodArray<T> =>
  z.array(one).min(1, 'must name at least one value; leave the key out to allow all').max(limits.requirementValues);

const suggestion = (given: unknown, known: readonly string[]): string => {
  const near = nearest(String(given), known);
  return near === null ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
};

const key = z.enum(factKeys as readonly [FactKey, ...FactKey[]], {
  error: (issue) =>
    typeof issue.input === 'string'
      ? `${JSON.stringify(issue.input)} is no known key; ${suggestion(issue.input, factKeys)}`
      : `must be one of ${factKeys.join(', ')}`,
});
const operator = z.enum(operators, {
  error: (issue) =>
    typeof issue.input === 'string'
      ? `${JSON.stringify(issue.input)} is no operator; ${suggestion(issue.input, operators)}`
      : `must be one of ${operators.join(', ')}`,
});

/** Values that a text key can have, where they are few. */
const few: Partial<Record<FactKey, readonly string[]>> = {
  arch: ['amd64', 'arm64'],
  capacityType: ['spot', 'on-demand'],
};

/** What the operator and the key ask of the values; null: nothing is wrong. */
function objectionTo({ key: of, operator: how, values }: MatchExpression): string | null {
  const kind = kindOfKey(of);
  if (how === 'Exists' || how === 'DoesNotExist')
    return values.length === 0 ? null : `must be empty: ${how} takes no values`;
  if (values.length === 0) return `must name at least one value for ${how}`;
  if (how === 'Gt' || how === 'Lt') {
    if (kind !== 'number') return `${of} is no number: ${how} does not compare it; use In or NotIn`;
    if (values.length !== 1) return `must be exactly one number for ${how}`;
  }
  if (kind === 'number')
    return values.every((one) => /^\d{1,12}(\.\d{1,6})?$/.test(one)) ? null : `must be numbers for ${of}, e.g. "16384"`;
  const known = kind === 'truth' ? ['true', 'false'] : few[of];
  const wrong = known && values.find((one) => !known.includes(one));
  return wrong === undefined
    ? null
    : `${JSON.stringify(wrong)} is no value of ${of}; ${known?.join(' and ') ?? ''} are`;
}

/** The same for OpenAPI: by the operator how many values, by the key which. */
function valuesByOperator(): object[] {
  const where = (name: string, all: readonly string[], then: object): object => ({
    if: { properties: { [name]: { enum: all } }, required: [name] },
    then,
  });
  const keysOf = (kind: ReturnType<typeof kindOfKey>) => factKeys.filter((one) => kindOfKey(one) === kind);
  const items = (one: object): object => ({ properties: { values: { items: one } } });
  const some = { properties: { values: { minItems: 1 } }, required: ['values'] };
  return [
    where('operator', ['In', 'NotIn'], some),
    where('operator', ['Gt', 'Lt'], {
      properties: { values: { minItems: 1, maxItems: 1 }, key: { enum: keysOf('number') } },
      required: ['values'],
    }),
    where('operator', ['Exists', 'DoesNotExist'], { properties: { values: { maxItems: 0 } } }),
    where('key', keysOf('number'), items({ pattern: '^[0-9]{1,12}([.][0-9]{1,6})?$' })),
    where('key', keysOf('truth'), items({ enum: ['true', 'false'] })),
    ...Object.entries(few).map(([one, values]) => where('key', [one], items({ enum: values }))),
  ];
}

const expression = z
  .strictObject({
    key,
    operator,
    values: z
      .array(
        z
          .union([z.string().max(64), z.number(), z.boolean()], 'must be a text, a number, true or false')
          .pipe(z.preprocess((one) => normalName(String(one)), z.string())),
      )
      .max(limits.requirementValues)
      .default([])
      .meta({
        override: { type: 'array', items: { type: 'string', maxLength: 64 }, maxItems: limits.requirementValues },
        description: 'At least one for In and NotIn, one number for Gt and Lt, none for Exists and DoesNotExist.',
      }),
  })
  .superRefine((one, context) => {
    const objection = objectionTo(one);
    if (objection !== null)
      context.addIssue({ code: 'custom', path: ['values'], message: objection, params: inSchema });
  })
  .meta({
    id: 'MatchExpression',
    description: "As in Kubernetes' node affinity.",
    override: { allOf: valuesByOperator() },
  });

const shape = {
  instanceCategory: allowed(name('an instance category', 'c')).optional(),
  instanceFamily: allowed(name('an instance family', 'c7g')).optional(),
  instanceType: allowed(name('an instance type', 'c7g.xlarge')).optional(),
  arch: allowed(z.enum(['amd64', 'arm64'], 'must be "amd64" or "arm64"')).optional(),
  zone: allowed(name('an availability zone', 'us-east-1a')).optional(),
  capacityType: allowed(z.enum(['spot', 'on-demand'], 'must be "spot" or "on-demand"')).optional(),
  cpuManufacturer: allowed(name('a CPU maker', 'intel')).optional(),
  hypervisor: allowed(name('a hypervisor', 'nitro')).optional(),
  gpuManufacturer: allowed(name('a GPU maker', 'nvidia')).optional(),
  gpuName: allowed(name('a GPU model', 't4'))
    .optional()
    .meta({ description: 'In any case, with "-" or blanks: "T4", "radeon-pro-v520".' }),
  burstable: z
    .boolean('must be true or false')
    .optional()
    .meta({ description: 'Whether it has CPU by credits (T types).' }),
  bareMetal: z.boolean('must be true or false').optional(),
  minInstanceGeneration: wholeNumber(1, 100).optional(),
  minGpuMemoryMib: wholeNumber(1, 100_000_000).optional().meta({ description: 'Of each GPU.' }),
  ...leastHardware,
  matchExpressions: z
    .array(expression)
    .min(1, 'must hold at least one expression; leave the key out to allow all')
    .max(limits.requirementExpressions)
    .optional()
    .meta({
      description:
        `Beside the lists: key, operator (${operators.join(', ')}) and ` + `values. Keys: ${factKeys.join(', ')}.`,
    }),
};

export const requirements = z
  .strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `is not a known field; ${suggestion(issue.keys[0] ?? '', Object.keys(shape))}`
        : undefined,
  })
  .meta({
    id: 'Requirements',
    description:
      'Lists of allowed values, least values of the whole instance, and expressions; all must be met, an absent '
      + 'key allows all. Values are compared without case.',
  });

export function requirementsOf(body: z.output<typeof requirements>): Requirements {
  return compact(body);
}

const list = z.array(z.string()).readonly().exactOptional();

export const requirementsView = z.object({
  instanceCategory: list,
  instanceFamily: list,
  instanceType: list,
  arch: list,
  zone: list,
  capacityType: list,
  cpuManufacturer: list,
  hypervisor: list,
  gpuManufacturer: list,
  gpuName: list,
  burstable: z.boolean().exactOptional(),
  bareMetal: z.boolean().exactOptional(),
  minInstanceGeneration: z.int().exactOptional(),
  minGpuMemoryMib: z.int().exactOptional(),
  minLocalDiskGib: z.int().exactOptional(),
  minNetworkGbps: z.int().exactOptional(),
  matchExpressions: z
    .array(
      z.object({
        key: z.enum(factKeys as readonly [FactKey, ...FactKey[]]),
        operator: z.enum(operators),
        values: z.array(z.string()).readonly(),
      }),
    )
    .readonly()
    .exactOptional(),
});
