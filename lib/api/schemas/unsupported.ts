// Fields that an installation, or the contract itself, cannot serve: answered with 422 `unsupported` and the path,
// never with a silent default.
import type { FieldError } from '../problems.ts';
import { ProblemError } from '../problems.ts';

type Body = Readonly<Record<string, unknown>>;

/** Fields of a task that the installation cannot serve, each with its reason. */
export function unavailableIn(body: Body, reasons: Readonly<Record<string, string>>): FieldError[] {
  if (body['type'] !== 'task') return [];
  return Object.entries(reasons)
    .filter(([field]) => body[field] !== undefined)
    .map(([field, message]) => ({ path: field, message }));
}

export function refuseUnsupported(errors: readonly FieldError[]): void {
  const [first] = errors;
  if (first !== undefined) throw new ProblemError('unsupported', `${first.path}: ${first.message}`, errors);
}
