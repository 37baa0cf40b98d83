// What a pool has learned of how long its tasks last, as the API shows it.
import * as z from 'zod';
import type { LearnedClass } from '../../../core/lifetimes/learned.ts';
import { endsEnough } from '../../../core/lifetimes/learned.ts';

const seconds = z.number().min(0);
const figures = { p50Seconds: seconds, p90Seconds: seconds, meanSeconds: seconds };

export const lifetimesView = z
  .object({
    lifetimes: z.enum(['learned', 'off']),
    prior: z.object(figures).meta({ description: 'What is taken for true before anything has ended.' }),
    classes: z
      .array(
        z.object({
          tenant: z.string().nullable().meta({ description: 'null: of all tenants.' }),
          shape: z.string().nullable().meta({ description: 'null: of all shapes.' }),
          name: z.string().nullable().meta({ description: "The tasks' name; null: of all." }),
          ends: z.int().min(0).meta({ description: 'What it rests on; old ends count less.' }),
          hasEnough: z.boolean().meta({ description: 'false: too few ends, so it mostly follows the wider class.' }),
          ...figures,
        }),
      )
      .meta({ description: 'Widest first; classes of other tenants only for operators.' }),
  })
  .meta({ id: 'Lifetimes' });
export type LifetimesView = z.output<typeof lifetimesView>;

type Figures = Pick<LearnedClass, 'p50Ms' | 'p90Ms' | 'meanMs'>;

export function presentLifetimes(isOff: boolean, prior: Figures, classes: readonly LearnedClass[]): LifetimesView {
  return {
    lifetimes: isOff ? 'off' : 'learned',
    prior: presentFigures(prior),
    classes: classes.map(({ tenant, shape, name, ends, ...one }) => ({
      tenant,
      shape,
      name,
      ends,
      hasEnough: ends >= endsEnough,
      ...presentFigures(one),
    })),
  };
}

function presentFigures({ p50Ms, p90Ms, meanMs }: Figures): Pick<LifetimesView['prior'], keyof LifetimesView['prior']> {
  const rounded = (ms: number): number => Math.round(ms / 100) / 10;
  return { p50Seconds: rounded(p50Ms), p90Seconds: rounded(p90Ms), meanSeconds: rounded(meanMs) };
}
