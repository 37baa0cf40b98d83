// What is said of something that was thrown.
import { BellowsError } from '../lib/core/values/errors.ts';

/** It cannot be started; the message is what the end of the attempt says. */
export class LaunchError extends BellowsError {
  constructor(message: string, options?: ErrorOptions) {
    super('cannot_launch', message, options);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
