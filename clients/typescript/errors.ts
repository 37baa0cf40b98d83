// What a call may end with instead of an answer.
import type { Problem, RequestView } from './api.ts';

/** The API refused the call. `code` is stable (docs/api.md), `detail` is for people, `errors` names wrong fields. */
export class BellowsError extends Error {
  override readonly name = 'BellowsError';
  readonly status: number;
  /** `unknown`: the answer was no problem document, as those of a gateway. */
  readonly code: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];

  constructor(status: number, problem: Problem | null) {
    const { code = 'unknown', detail, errors = [] }: Partial<Problem> = problem ?? {};
    super(
      `${code} (${String(status)}): ${detail ?? 'the answer says no more; for a deployed API, see its IAM policy'}`,
    );
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

/** Nobody answered, however often it was tried. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';

  constructor(server: string, tries: number, cause: unknown) {
    super(`no answer of ${server} in ${String(tries)} ${tries === 1 ? 'try' : 'tries'}: ${String(cause)}`, { cause });
  }
}

/** The request was not as wanted in time; it goes on. */
export class WaitTimeoutError extends Error {
  override readonly name = 'WaitTimeoutError';
  readonly request: RequestView;

  constructor(request: RequestView, timeoutMs: number) {
    const reason = request.reason === null ? '' : ` (${request.reason})`;
    super(`after ${String(timeoutMs / 1000)} s request ${request.id} is ${request.state}${reason}; it goes on`);
    this.request = request;
  }
}
