// The one error family of Bellows. Every error that reaches a person carries a stable `code`,
// and its message says what was wrong, with which value, and what to do.

/** Base of all errors that Bellows raises on purpose. Anything else that is thrown is a defect. */
export class BellowsError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** A programmer's error: a state that must be impossible. Never caught to be ignored. */
export class AssertionError extends BellowsError {
  constructor(message: string, code = 'assertion_failed') {
    super(code, message);
  }
}

/** Throws {@link AssertionError} when a state that must be impossible is met. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** For exhaustive switches: does not type-check while a case is missing. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable value ${JSON.stringify(value)}`);
}
