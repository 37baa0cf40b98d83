// What of a task or a template says where it runs beside others, what it bears, and how it serves, as it is shown.
import * as z from 'zod';
import type { TaskSpec } from '../../../../core/records/request.ts';
import type { HealthCheck } from '../../../../core/services/serving.ts';
import { requirementsView } from '../../requirements.ts';
import { compact } from '../../values.ts';

const near = z
  .array(z.object({ topology: z.enum(['zone', 'node']), group: z.string() }))
  .readonly()
  .optional();

/** Fields of what was asked. */
export const relationFields = {
  spread: z
    .array(z.object({ topology: z.enum(['zone', 'node']), group: z.string(), maxSkew: z.int() }))
    .readonly()
    .optional(),
  affinity: near,
  antiAffinity: near,
  preferences: z
    .array(z.object({ requirements: requirementsView, maxExtraUsdPerHour: z.number() }))
    .readonly()
    .optional(),
  disruption: z
    .object({
      mode: z.enum(['never', 'restart', 'checkpoint']),
      signal: z.string().optional(),
      costUsd: z.number().optional(),
      graceSeconds: z.number().optional(),
      maxDrainSeconds: z.number().optional(),
    })
    .optional(),
};

export const servingFields = {
  ports: z
    .array(z.object({ name: z.string(), port: z.int().optional(), container: z.int().optional() }))
    .readonly()
    .optional(),
  health: z
    .object({
      http: z.object({ port: z.string(), path: z.string() }).optional(),
      tcp: z.object({ port: z.string() }).optional(),
      command: z.array(z.string()).optional(),
      startPeriodSeconds: z.number(),
      intervalSeconds: z.number(),
      timeoutSeconds: z.number(),
      healthyThreshold: z.int(),
      unhealthyThreshold: z.int(),
    })
    .optional(),
  preStop: z.object({ command: z.array(z.string()) }).optional(),
};

type Relations = z.output<z.ZodObject<typeof relationFields>>;
type Serving = z.output<z.ZodObject<typeof servingFields>>;

export function presentRelations(spec: TaskSpec): Relations {
  const { spread, affinity, antiAffinity, preferences, disruption } = spec;
  const secondsOf = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);
  return compact({
    ...{ spread, affinity, antiAffinity, preferences },
    disruption:
      disruption
      && compact({
        ...{ mode: disruption.mode, signal: disruption.signal, costUsd: disruption.costUsd },
        graceSeconds: secondsOf(disruption.graceMs),
        maxDrainSeconds: secondsOf(disruption.maxDrainMs),
      }),
  });
}

export function presentServing({ ports, health, preStop }: TaskSpec): Serving {
  return compact({
    ports,
    health: health && presentHealth(health),
    preStop: preStop && { command: [...preStop.argv] },
  });
}

function presentHealth(check: HealthCheck): NonNullable<Serving['health']> {
  const { probe } = check;
  return {
    ...(probe.kind === 'http' ? { http: { port: probe.port, path: probe.path } } : {}),
    ...(probe.kind === 'tcp' ? { tcp: { port: probe.port } } : {}),
    ...(probe.kind === 'command' ? { command: [...probe.argv] } : {}),
    startPeriodSeconds: check.startPeriodMs / 1000,
    intervalSeconds: check.intervalMs / 1000,
    timeoutSeconds: check.timeoutMs / 1000,
    healthyThreshold: check.healthyAfter,
    unhealthyThreshold: check.unhealthyAfter,
  };
}
