// The small values that bodies, paths and queries are made of, each with the sentence that says how to mend it.
import * as z from 'zod';
import { limits } from '../limits.ts';
import { inSchema } from '../problems.ts';

export { compact } from '../../core/values/dictionary.ts';

const encoder = new TextEncoder();

export function utf8Length(text: string): number {
  return encoder.encode(text).length;
}

export const poolName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be 1 to 63 lower-case letters, digits and inner hyphens, e.g. "default"',
  );

export const requestId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must be an id as the API gave it: letters, digits, "-" and "_"');

/** No name looks like an id of the API, so that commands can take either. */
export const requestName = z
  .string()
  .regex(
    /^(?!r-[0-9a-f]{2,26}$)[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
    'must be 1 to 128 letters, digits, ".", "_" and "-", beginning with a letter or digit, and no id, e.g. "nightly"',
  );

const labelKeyPattern = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/;
const labelValuePattern = /^[A-Za-z0-9 _.:/=+@-]{1,128}$/;

export const labelKey = z
  .string()
  .regex(labelKeyPattern, 'must be 1 to 63 letters, digits, ".", "_", "/" and "-", beginning with a letter or digit');
const labelValue = z.string().regex(labelValuePattern, 'must be 1 to 128 letters, digits, blanks and "_.:/=+@-"');

/** Every schema of maps skips `__proto__` without a word, so it is looked for before. */
export const labelsOf = z
  .unknown()
  .refine((labels) => typeof labels !== 'object' || labels === null || !Object.hasOwn(labels, '__proto__'), {
    error: 'must not have the key __proto__',
    params: inSchema,
  })
  .pipe(
    z
      .record(labelKey, labelValue, 'must be an object of keys and texts, e.g. {"team": "search"}')
      .refine((labels) => Object.keys(labels).length <= limits.labels, {
        error: `must have at most ${String(limits.labels)} entries`,
        params: inSchema,
      }),
  )
  .meta({
    description: `At most ${String(limits.labels)}, for finding and grouping, e.g. {"team": "search"}.`,
    override: {
      type: 'object',
      propertyNames: { pattern: labelKeyPattern.source },
      additionalProperties: { type: 'string', pattern: labelValuePattern.source },
      maxProperties: limits.labels,
    },
  });

export const namedFields = {
  name: requestName
    .optional()
    .meta({ description: 'For people; need not be unique. Its tasks have it as BELLOWS_REQUEST_NAME.' }),
  labels: labelsOf.optional(),
};

const wantedLabels = 'must be KEY=VALUE, or several of them separated by commas, e.g. "team=search,env=prod"';

/** Neither key nor value has a comma. */
const labelPattern = [labelKeyPattern, labelValuePattern].map(({ source }) => source.slice(1, -1)).join('=');
const labelsPattern = `^${labelPattern}(,${labelPattern}){0,${String(limits.labelsInFilter - 1)}}$`;

/** Keys and values, all of which a request must have. */
export const labelFilter = z
  .string()
  .max(1_000)
  .transform((text) => text.split(',').map((one) => one.split(/=(.*)/s).slice(0, 2)))
  .pipe(
    z
      .array(z.tuple([labelKey, labelValue], wantedLabels))
      .max(limits.labelsInFilter, `must be at most ${String(limits.labelsInFilter)} labels`),
  )
  .meta({
    override: { type: 'string', maxLength: 1_000, pattern: labelsPattern },
    description: 'Has this label: KEY=VALUE; several by commas.',
  });

export const nodeId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'must be an instance id, e.g. "i-0123456789abcdef0"');

export const attemptIdText = z
  .string()
  .max(150)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}\.\d{1,6}\.\d{1,6}$/, 'must be an attempt id: request.index.attempt');

/** Text that a process can be given: the kernel ends strings at NUL, and half a surrogate pair is no UTF-8. */
export function processText(bytesMax: number): z.ZodString {
  return z
    .string()
    .refine((text) => !text.includes('\0'), 'must not contain a NUL character')
    .refine((text) => text.isWellFormed(), 'must be valid Unicode (it contains half of a surrogate pair)')
    .refine((text) => utf8Length(text) <= bytesMax, `must be at most ${String(bytesMax)} bytes long in UTF-8`);
}

/** A whole number in a range; `1e400` and `NaN` are no numbers to zod, and decimals are refused here. */
export function wholeNumber(min: number, max: number): z.ZodInt {
  return z
    .int(`must be a whole number from ${String(min)} to ${String(max)}`)
    .min(min, `must be at least ${String(min)}`)
    .max(max, `must be at most ${String(max)}`);
}

export function seconds(min: number): z.ZodNumber {
  return z
    .number(`must be a number of seconds, ${String(min)} or more`)
    .min(min, `must be at least ${String(min)} second${min === 1 ? '' : 's'}`)
    .max(limits.durationSecondsMax, `must be at most ${String(limits.durationSecondsMax)} seconds (30 days)`);
}

/** RFC 3339, UTC. */
const usdBound = z
  .number('must be a number of USD')
  .min(0, 'must not be negative')
  .max(1e9, 'must be at most 1000000000')
  .optional();
/** What may be spent. */
export const budget = z
  .strictObject({ usdPerDay: usdBound, usdPerMonth: usdBound })
  .meta({ id: 'Budget', description: 'Of days and months in UTC, at list prices; an absent key is no bound.' });

export const budgetView = z.object({ usdPerDay: z.number().exactOptional(), usdPerMonth: z.number().exactOptional() });

export const time = z.iso
  .datetime({
    error: ({ input }) =>
      `${input === undefined ? 'is required:' : 'must be'} a time in UTC such as 2026-11-22T16:30:00Z (RFC 3339)`,
  })
  .meta({ description: 'RFC 3339, UTC', example: '2026-11-22T16:30:00.000Z' });

/**
 * RFC 9110, 13.1.1: `*`, or a list of entity tags; weak ones never match. Answers the strong
 * ones, `*` for any state.
 */
const entityTags = /^\s*(\*|(W\/)?"[\x21\x23-\x7e]*"(\s*,\s*(W\/)?"[\x21\x23-\x7e]*")*)\s*$/;
export const ifMatch = z
  .string()
  .max(4_096)
  .regex(entityTags, 'must be "*" or a list of ETags as they came, e.g. "\"1f3a…\"", with their quotes')
  .transform((text) =>
    text.trim() === '*'
      ? ['*']
      : [...text.matchAll(/(W\/)?"([^"]*)"/g)].flatMap((match) => (match[1] === undefined ? (match[2] ?? []) : [])),
  )
  .meta({ override: { type: 'string', maxLength: 4_096, pattern: '^([*]|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*")*)$' } });

export const idempotencyKey = z
  .string()
  .regex(
    new RegExp(`^[\\x20-\\x7e]{1,${String(limits.idempotencyKeyLength)}}$`),
    `must be 1 to ${String(limits.idempotencyKeyLength)} printable ASCII characters`,
  )
  .meta({ description: 'The same key with the same body is the same request, for 7 days past its end.' });

/** A whole number as text, as queries carry it. */
export function numberInQuery(min: number, max: number): z.ZodType<number, string> {
  const sentence = `must be a whole number from ${String(min)} to ${String(max)}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, sentence)
    .transform(Number)
    .refine((value) => value >= min && value <= max, sentence)
    .meta({ override: { type: 'integer', minimum: min, maximum: max } });
}

export const pageQuery = {
  limit: numberInQuery(1, limits.pageItemsMax)
    .optional()
    .meta({ description: `Items per page; ${String(limits.pageItemsDefault)} unless given.` }),
  cursor: z
    .string()
    .min(1)
    .max(limits.cursorLength)
    .optional()
    .meta({ description: 'The nextCursor of the page before.' }),
};

export const nodePageQuery = {
  ...pageQuery,
  limit: numberInQuery(1, limits.pageItemsMax)
    .optional()
    .meta({ description: `Items per page; ${String(limits.pageItemsMax)} unless given.` }),
  tasks: z
    .enum(['true', 'false'], 'must be true or false')
    .optional()
    .meta({ description: 'true: each node with what is assigned to it.' }),
};

export const taskIndex = numberInQuery(0, limits.countMax - 1);

export const taskPageQuery = {
  from: numberInQuery(0, limits.countMax - 1)
    .optional()
    .meta({ description: 'The first index; 0 unless given.' }),
  limit: pageQuery.limit,
};

/** As an output's `next`: which attempt, and how much of stdout and stderr the caller has. */
const outputPosition = z
  .string()
  .regex(/^\d{1,6},\d{1,12},\d{1,12}$/, 'must be the `next` of an earlier answer, e.g. "1,120,0"');

export const outputQuery = {
  index: numberInQuery(0, limits.countMax - 1)
    .optional()
    .meta({ description: 'Which task of an array; 0 unless given.' }),
  tailBytes: numberInQuery(1, limits.outputTailBytesMax)
    .optional()
    .meta({ description: `Last bytes of each stream; ${String(limits.outputTailBytesDefault)} unless given.` }),
  sinceBytes: outputPosition
    .optional()
    .meta({ description: 'Only what came after this: `next` of an earlier answer, "0,0,0" at first.' }),
  encoding: z
    .enum(['text', 'base64'], 'must be text or base64')
    .optional()
    .meta({ description: 'base64: the streams are exactly the bytes that are kept. text unless given.' }),
};

/** RFC 3339 in UTC of a time in milliseconds. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

export function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : timeOf(ms);
}

/** Below a task's working directory. */
export const mountPath = z
  .string()
  .regex(
    /^(?!.*(?:^|\/)\.\.?(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/,
    'must be a path below the working directory, e.g. "data": letters, digits, ".", "_", "-" and "/", no ".."',
  )
  .max(200);

/** Of a pool: the tenants that something is for. */
export function tenantsField(description: string) {
  return z.array(z.string().min(1).max(256)).min(1).max(100).optional().meta({ description });
}

export const tenantsView = z.array(z.string()).readonly().exactOptional();
