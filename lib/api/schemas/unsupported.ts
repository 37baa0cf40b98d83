// What the contract knows but no code does yet: answered with 422 `unsupported` and the path, never with a
// silent default. Whoever builds one of these takes it out of this list; its schema is in place already.
import type { FieldError } from '../problems.ts';
import { ProblemError, pathText } from '../problems.ts';

export const notBuiltYet = {
  learningStylesOfRequests: ['scheduled', 'predictive', 'adaptive'],
} as const satisfies Record<string, readonly string[]>;

type Body = Readonly<Record<string, unknown>>;

/** Everything in a valid request or plan demand that is not built yet. */
export function unsupportedInRequest(body: Body, base: readonly PropertyKey[] = []): FieldError[] {
  if (body['type'] === 'virtual_machine' || body['type'] === 'storage' || body['type'] === 'network') return [];
  return unsupportedLearningStyle(body, base);
}

/** Fields of a task that the installation cannot serve, each with its reason. */
export function unavailableIn(body: Body, reasons: Readonly<Record<string, string>>): FieldError[] {
  if (body['type'] !== 'task') return [];
  return Object.entries(reasons)
    .filter(([field]) => body[field] !== undefined)
    .map(([field, message]) => ({ path: field, message }));
}

function unsupportedLearningStyle(body: Body, base: readonly PropertyKey[]): FieldError[] {
  const style = body['learningStyle'];
  const missing: readonly string[] = notBuiltYet.learningStylesOfRequests;
  if (typeof style !== 'string' || !missing.includes(style)) return [];
  return [
    {
      path: pathText([...base, 'learningStyle']),
      message:
        `the learning style ${style} is not built yet of a single request; leave it out, and declare it for the pool `
        + 'that takes the request',
    },
  ];
}

export function refuseUnsupported(errors: readonly FieldError[]): void {
  const [first] = errors;
  if (first !== undefined) throw new ProblemError('unsupported', `${first.path}: ${first.message}`, errors);
}
