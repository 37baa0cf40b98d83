// What would become of a request if something were different, as the API takes and shows it.
import * as z from 'zod';
import type { Resources } from '../../../core/values/resources.ts';
import { limits } from '../../limits.ts';
import { wholeNumber } from '../values.ts';
import { poolLimits } from '../pools.ts';
import { requirements } from '../requirements.ts';
import { resources, resourcesOf } from '../requests.ts';

export const whatIfBody = z
  .strictObject({
    limits: poolLimits.optional().meta({ description: 'Of the pool: those that are given are these instead.' }),
    requirements: requirements
      .optional()
      .meta({ description: 'Of the request: the keys that are given are these instead.' }),
    resources: z
      .strictObject({
        vcpu: resources.shape.vcpu.optional(),
        memoryMib: resources.shape.memoryMib.optional(),
        gpu: wholeNumber(0, limits.gpuMax).optional(),
      })
      .optional()
      .meta({ description: 'Of each of its tasks: those that are given are these instead.' }),
    paused: z.literal(false, 'must be false').optional().meta({ description: 'As if the pool were not paused.' }),
  })
  .refine((body) => Object.values(body).some((one) => one !== undefined), 'must say what would be different')
  .meta({ id: 'WhatIf' });

export const outcome = z.object({
  kind: z
    .enum(['placed', 'bought', 'waits'])
    .meta({ description: '`placed`: on nodes that are there; `bought`: nodes are bought for it; `waits`: neither.' }),
  code: z.string().meta({ description: 'Of a wait: as in the timeline.', example: 'limit_reached' }),
  message: z.string(),
  launches: z
    .array(
      z.object({
        count: z.int(),
        instanceType: z.string(),
        zone: z.string(),
        capacityType: z.enum(['spot', 'on-demand']),
        usdPerHour: z.number().meta({ description: 'Of each.' }),
        alternatives: z.int().meta({ description: 'Other offerings that EC2 may give instead.' }),
      }),
    )
    .readonly()
    .meta({ description: 'What is bought; nodes may carry other tasks, too.' }),
});

export const whatIfView = z
  .object({
    pool: z.string(),
    now: outcome.meta({ description: 'What the next decision does about it as it is.' }),
    then: outcome.meta({ description: 'What it would do with the difference.' }),
  })
  .meta({ id: 'WhatIfAnswer' });
export type WhatIfView = z.output<typeof whatIfView>;

export function partialResourcesOf({
  vcpu,
  memoryMib,
  gpu,
}: NonNullable<z.output<typeof whatIfBody>['resources']>): Partial<Resources> {
  return {
    ...(vcpu === undefined ? {} : { cpuMilli: resourcesOf({ vcpu, memoryMib: 0, gpu: 0 }).cpuMilli }),
    ...(memoryMib === undefined ? {} : { memoryMib }),
    ...(gpu === undefined ? {} : { gpu }),
  };
}
