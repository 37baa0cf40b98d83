// What attempts of tasks cost, as requests and tasks show it.
import * as z from 'zod';

export const lastAttemptUsd = z
  .number()
  .nullable()
  .meta({
    description:
      "What the last attempt of the task cost: its node's price for the time that it was placed there, by the largest "
      + "share that it asked of the node's vCPUs, memory or GPUs. null until it has ended, for arrays, and for "
      + 'instance types that the packaged catalog does not have.',
  });

export const usd = z
  .number()
  .nullable()
  .meta({
    description:
      'What all attempts cost that have ended, each counted as lastAttemptUsd is: the whole cost once the state is an '
      + 'end, what it cost so far before that. What still runs counts when it ends; an array is as of the last change '
      + 'of its counts. null where it is not known of one of them.',
  });
