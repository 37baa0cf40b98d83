// What a pool did and why, as the API shows it.
import * as z from 'zod';
import { time } from '../values.ts';

export const activityView = z
  .object({
    items: z.array(
      z.object({
        at: time,
        code: z.string(),
        message: z.string(),
        nodeId: z.string().nullable(),
        launchId: z.string().nullable(),
        instanceType: z.string().nullable(),
        zone: z.string().nullable(),
        capacityType: z.string().nullable(),
        priceUsdPerHour: z.number().nullable(),
        principal: z.string().exactOptional().meta({ description: 'Who did it, where a person did.' }),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'ActivityList' });
export type ActivityView = z.output<typeof activityView>;
