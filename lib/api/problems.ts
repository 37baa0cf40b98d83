// Problem details (RFC 9457): every answer that is no success, with one stable code each.
import * as z from 'zod';
import { BellowsError } from '../core/values/errors.ts';
import { unknownField } from '../core/values/dictionary.ts';
import { knownFields } from './known-fields.ts';

/** code -> [HTTP status, title]. Codes never change their meaning; titles say it in words. */
export const problemKinds = {
  invalid_request: [400, 'The request is not valid'],
  malformed_json: [400, 'The body is not JSON'],
  invalid_cursor: [400, 'The cursor was not made by this list'],
  unauthorized: [401, 'The caller is not known'],
  forbidden: [403, 'The caller may not do this'],
  not_found: [404, 'There is no such thing'],
  unknown_pool: [404, 'There is no such pool'],
  method_not_allowed: [405, 'The path does not take this method'],
  idempotency_conflict: [409, 'The idempotency key was used with another body'],
  not_possible: [409, 'Its type or state does not allow this now'],
  pool_in_use: [409, 'The pool is in use'],
  too_many_tenants: [409, 'There is no room for another tenant'],
  too_many_webhooks: [409, 'There is no room for another webhook'],
  too_many_services: [409, 'The pool has no room for so many services or replicas'],
  edit_conflict: [409, 'The edit would take back an earlier one'],
  precondition_failed: [412, 'It was changed since it was read'],
  too_large: [413, 'The body is too large'],
  unsupported_media_type: [415, 'The body must be JSON'],
  unprocessable: [422, 'Valid by the schema, but not in meaning'],
  unsupported: [422, 'Valid, but not built yet'],
  unsatisfiable: [422, 'No offering could ever carry this'],
  unknown_label: [422, 'The installation does not declare this label'],
  secret_refused: [403, 'The pool does not let the caller use this secret'],
  pool_refused: [403, 'The pool does not take requests of the caller'],
  role_refused: [403, 'The pool does not let the caller have this role'],
  target_group_refused: [403, 'The pool does not let services of the caller be registered with this target group'],
  role_unavailable: [422, 'No credentials of the role are to be had'],
  secret_unreadable: [422, 'A secret cannot be read'],
  unknown_upload: [422, 'An upload that the request names is not there'],
  invalid_webhook: [422, 'The webhook may not be called'],
  invalid_pool: [422, 'The pool contradicts itself or the catalog'],
  internal: [500, 'Something went wrong inside'],
  unavailable: [503, 'Not possible at this moment'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof problemKinds;

export const problemView = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });
export type Problem = z.output<typeof problemView>;
export type FieldError = Problem['errors'][number];

/** Ends the handling of a call with this problem. */
export class ProblemError extends BellowsError {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: ProblemCode,
    detail: string,
    errors: readonly FieldError[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(code, detail);
    this.problem = problemOf(code, detail, errors);
    this.headers = headers;
  }
}

export function problemOf(code: ProblemCode, detail: string, errors: readonly FieldError[] = []): Problem {
  const [status, title] = problemKinds[code];
  return { type: `urn:bellows:problem:${code}`, title, status, code, detail, errors: [...errors] };
}

/** `requests[3].resources.vcpu` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${String(key)}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

const errorsMax = 100;

/**
 * One {path, message} per thing that is wrong, `base` in front of each path. `schema`: what they were made by; in place
 * of a field that it does not know the nearest one that it does is named.
 */
export function fieldErrors(
  issues: readonly z.core.$ZodIssue[],
  base: readonly PropertyKey[] = [],
  schema: z.core.$ZodType | null = null,
): FieldError[] {
  return issues
    .flatMap((issue): FieldError[] => {
      const path = [...base, ...issue.path];
      if (issue.code === 'unrecognized_keys') {
        // A schema may know what was meant: its sentence is about the first key.
        const own = issue.message.startsWith('is not a known field') ? issue.message : null;
        const known = schema === null ? [] : knownFields(schema, issue.path);
        return issue.keys.map((key, at) => ({
          path: pathText([...path, key]),
          message: (at === 0 ? own : null) ?? unknownField(key, known),
        }));
      }
      if (issue.code === 'invalid_union' && issue.errors.length > 0) return fieldErrors(closest(issue.errors), path);
      if (issue.code === 'invalid_key')
        return issue.issues.map((one) => ({ path: pathText(path), message: one.message }));
      return [{ path: pathText(path), message: messageOf(issue) }];
    })
    .slice(0, errorsMax);
}

/** Of a union's branches the one that came furthest: its errors are about what the caller meant. */
function closest(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] {
  const depth = (issues: readonly z.core.$ZodIssue[]): number =>
    Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)));
  return branches.reduce((best, one) => (depth(one) > depth(best) ? one : best));
}

/** How zod's own sentence begins where no branch of a union has the value; others are the schema's. */
const byDiscriminator = 'Invalid discriminator value';

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_big' || issue.code === 'too_small') return sizeOf(issue);
  if (issue.code === 'invalid_union' && 'options' in issue && issue.message.startsWith(byDiscriminator))
    return `must be ${alternatives(issue.options)}`;
  if (issue.code !== 'invalid_type') return issue.message;
  const missing = /^Invalid input: expected (\w+), received undefined$/.exec(issue.message);
  if (missing?.[1]) return `is required (${withArticle(missing[1])})`;
  const wrong = /^Invalid input: expected (\w+), received (.+)$/.exec(issue.message);
  return wrong?.[1] && wrong[2] ? `must be ${withArticle(wrong[1])}, not ${withArticle(wrong[2])}` : issue.message;
}

/** `"a", "b" or "c"` */
function alternatives(values: readonly unknown[]): string {
  const all = values.map((one) => JSON.stringify(one));
  return [all.slice(0, -1).join(', '), ...all.slice(-1)].filter((part) => part !== '').join(' or ');
}

const units: Readonly<Record<string, string>> = { string: 'character', array: 'entry', set: 'entry' };

/** A bound without words of its own has those of its schema, which do not name it: it is put behind them. */
function sizeOf(issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall): string {
  const [most, bound] =
    issue.code === 'too_big' ? (['at most', issue.maximum] as const) : (['at least', issue.minimum] as const);
  const unit = units[issue.origin];
  const noun = unit === undefined ? '' : ` ${Number(bound) === 1 ? unit : unit.replace(/y$/, 'ie').concat('s')}`;
  const size = `${most} ${String(bound)}${noun}`;
  if (/^Too (?:big|small): expected /.test(issue.message)) return `must ${unit === undefined ? 'be' : 'have'} ${size}`;
  const isNamed = Number(bound) <= 1 || issue.message.replaceAll(',', '').includes(String(bound));
  return isNamed ? issue.message : `${issue.message} (${size})`;
}

function withArticle(noun: string): string {
  if (noun === 'null') return noun;
  return `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}

/**
 * Whether it is a rule that the schema cannot show, as it spans fields or looks into a text: what breaks no other fits
 * the schema. Of a union it is enough that one of its branches does.
 */
function isOfMeaning(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_union')
    return issue.errors.some((branch) => branch.length > 0 && branch.every(isOfMeaning));
  return issue.code === 'custom' && issue.params?.['isInSchema'] !== true;
}

/** For `params` of a refinement that the document shows as an override. */
export const inSchema = { isInSchema: true } as const;

/** Parses `value`; what is wrong with it becomes an `invalid_request` problem. */
export function parse<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw refusal('invalid_request', result.error.issues, schema, what);
}

/** The same of a body; one that only rules of meaning refuse is `unprocessable`. */
export function parseBody<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  throw refusal(issues.every(isOfMeaning) ? 'unprocessable' : 'invalid_request', issues, schema, what);
}

function refusal(
  code: ProblemCode,
  issues: readonly z.core.$ZodIssue[],
  schema: z.core.$ZodType,
  what: string,
): ProblemError {
  const errors = fieldErrors(issues, [], schema);
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${String(errors.length - 1)} more)` : '';
  const where = first === undefined ? 'is not valid' : `${first.path === '' ? 'it' : first.path} ${first.message}`;
  return new ProblemError(code, `${what}: ${where}${more}`, errors);
}
