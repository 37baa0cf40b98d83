// What ends a command early: what was wrong, why, what to do, and the exit code.
import { BellowsError } from '../lib/core/values/errors.ts';

export const exits = { ok: 0, failed: 1, usage: 2, unreachable: 3, refused: 4, ended: 5 } as const;
export type Exit = (typeof exits)[keyof typeof exits];

/** Printed as its message and, on a second line, what to do. */
export class CliError extends BellowsError {
  readonly exit: Exit;
  readonly advice: string | null;
  constructor(exit: Exit, message: string, advice: string | null = null, options?: ErrorOptions) {
    super('cli', message, options);
    this.exit = exit;
    this.advice = advice;
  }
}

export function usageError(message: string, advice: string | null = null): CliError {
  return new CliError(exits.usage, message, advice);
}
