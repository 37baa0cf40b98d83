// Where a first day is played: on AWS, or on the local cloud, which knows most of it.
import type { ApiClient } from '../../../lib/local/server/api-client.ts';

/** A step that cannot be played here: it is not seen, and the day goes on. */
export class NotHereError extends Error {}

export interface Place {
  readonly name: string;
  /** What is there of an earlier run; null: nothing. */
  readonly before: () => Promise<string | null>;
  /** What `./bellows preflight` and `doctor` say. @throws NotHereError; Error when something is missing */
  readonly preflight: () => Promise<string>;
  readonly doctor: () => Promise<string>;
  /** Answers a client of its API. */
  readonly deploy: () => Promise<ApiClient>;
  /** EC2 gives the node its notice. Answers what did it. @throws NotHereError */
  readonly interrupt: (instanceId: string) => Promise<string>;
  /** May be repeated, and when nothing is there. */
  readonly remove: () => Promise<void>;
  /** What is there after the removal, as EC2 and CloudFormation say. */
  readonly left: () => Promise<readonly string[]>;
}
