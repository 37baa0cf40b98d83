// How the memory of a task may grow from attempt to attempt, as requests say it.
import * as z from 'zod';
import type { TaskSpec } from '../../../core/records/request.ts';
import { limits } from '../../limits.ts';
import { wholeNumber } from '../values.ts';
import type { Secretive } from './secrets.ts';

export const memoryFields = {
  memoryGrowth: z
    .number('must be a number, e.g. 1.5')
    .min(1.1, 'must be at least 1.1')
    .max(4, 'must be at most 4')
    .optional()
    .meta({
      description:
        'A retry after too little memory has so many times as much, up to memoryMaxMib; it needs retries. Only for a '
        + 'single task.',
    }),
  memoryMaxMib: wholeNumber(1, limits.memoryMibMax).optional().meta({ description: 'Up to what it grows.' }),
};

interface Growing {
  readonly memoryGrowth?: number | undefined;
  readonly memoryMaxMib?: number | undefined;
  readonly retries: number;
  readonly count: number;
  readonly resources: { readonly memoryMib: number };
}

/** What checks beside those of each field look at. */
export type CheckedTask = Growing & Secretive;

export function checkGrowth(body: Growing, context: z.RefinementCtx): void {
  const { memoryGrowth, memoryMaxMib, resources, retries, count } = body;
  const fail = (field: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [field], message });
  };
  if ((memoryGrowth === undefined) !== (memoryMaxMib === undefined))
    fail(memoryGrowth === undefined ? 'memoryGrowth' : 'memoryMaxMib', 'is required: the two go together');
  if (memoryGrowth === undefined || memoryMaxMib === undefined) return;
  if (memoryMaxMib <= resources.memoryMib) fail('memoryMaxMib', 'must be more than resources.memoryMib');
  if (retries === 0) fail('retries', 'must be at least 1 with memoryGrowth: only a retry has more memory');
  if (count > 1) fail('count', 'must be 1 with memoryGrowth: the tasks of an array are all alike');
}

export function growthOf({
  memoryGrowth: factor,
  memoryMaxMib: maxMib,
}: Pick<Growing, 'memoryGrowth' | 'memoryMaxMib'>): TaskSpec['memoryGrowth'] {
  return factor === undefined || maxMib === undefined ? undefined : { factor, maxMib };
}
