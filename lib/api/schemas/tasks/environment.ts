// Environment variables as bodies have them.
import * as z from 'zod';
import { limits } from '../../limits.ts';
import { inSchema } from '../../problems.ts';

const environmentPattern = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]{0,255}$/;
const environmentName = z
  .string()
  .regex(environmentPattern, 'must be letters, digits and "_", not beginning with a digit');

/** `__proto__` is skipped by record schemas without a word, so it is looked for before them. */
export function environment<T extends z.ZodType>(
  value: T,
): z.ZodPipe<z.ZodUnknown, z.ZodRecord<typeof environmentName, T>> {
  return z
    .unknown()
    .refine((env) => typeof env !== 'object' || env === null || !Object.hasOwn(env, '__proto__'), {
      error: 'must not have the name __proto__',
      params: inSchema,
    })
    .pipe(
      z
        .record(environmentName, value, 'must be an object of names and texts')
        .refine((env) => Object.keys(env).length <= limits.envEntries, {
          error: `must have at most ${String(limits.envEntries)} entries`,
          params: inSchema,
        }),
    )
    .meta({
      override: {
        type: 'object',
        propertyNames: { pattern: environmentPattern.source },
        additionalProperties: { type: 'string' },
        maxProperties: limits.envEntries,
      },
    });
}
