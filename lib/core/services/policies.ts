// What moves the count of a service's replicas: policies as they are declared, and what is remembered for them in its
// document.
import type { CloudWatchMetric } from '../records/pool.ts';
import type { AlarmedCount, AlarmRule } from '../scaling/alarms.ts';
import type { Behaviour, Moved } from '../scaling/policies/rates.ts';

export const policiesMax = 8;
/** What was reported longer ago counts as missing. */
export const reportedStaleMs = 300_000;
/** Clocks of owners may be ahead of ours by so much. */
export const reportedAheadMsMax = 60_000;
/** What replicas of a node use is not known when its agent has been silent for so long. */
export const usageStaleMs = 300_000;

/** Where a policy's number comes from. */
export type ServiceMetric =
  /** Tasks of the service's tenant that wait in its pool, replicas not counted. */
  | { readonly kind: 'waiting' }
  /** What each replica uses, in percent of what its template asks for, as its agent sees it. */
  | { readonly kind: 'cpu' | 'memory' }
  /** What the owner reports. `total`: of all replicas together. */
  | { readonly kind: 'reported'; readonly metric: string; readonly of: 'total' | 'average' }
  /** What CloudWatch has, of all replicas together or of each. */
  | { readonly kind: 'cloudwatch'; readonly cloudWatch: CloudWatchMetric; readonly of: 'total' | 'average' };

/** See scaling/policies. The largest of what they want is kept. */
export type ServicePolicy = { readonly name: string } & (
  | { readonly kind: 'manual'; readonly replicas: number }
  | {
      readonly kind: 'schedule';
      readonly timeZone: string;
      readonly entries: readonly { readonly cron: string; readonly wanted: number }[];
    }
  | {
      readonly kind: 'step';
      readonly metric: ServiceMetric;
      readonly steps: readonly { readonly from: number; readonly wanted: number }[];
    }
  | { readonly kind: 'target'; readonly metric: ServiceMetric; readonly target: number; readonly tolerance?: number }
  /** `change`: by so many replicas when it goes into ALARM. */
  | ({ readonly kind: 'alarm' } & AlarmRule)
);

/** As it is declared. */
export interface ServiceScaling {
  readonly min: number;
  readonly max: number;
  readonly policies: readonly ServicePolicy[];
  /** `scheduled`: one of them is a schedule. `predictive`: what they want is forecast. Absent: reactive. */
  readonly learningStyle?: 'scheduled' | 'predictive';
  /** Predictive: replicas for what is wanted at most in this share of the cases; absent: 0.9. */
  readonly forecastQuantile?: number;
  /** Absent: at once, but with HPA's defaults where a policy goes by a metric. */
  readonly behaviour?: Behaviour;
}

/** What policies have made of the count so far. */
export interface ScaledRecord {
  readonly moved: Moved;
  /** What alarms make of it; absent: no policy goes by one. */
  readonly alarmed?: AlarmedCount;
}

/** A number that the owner has reported. `atMs`: when it was so, by the owner. */
export interface Reported {
  readonly value: number;
  readonly atMs: number;
}

/** Of one service. In a record of its own: it changes often, and the service's document may be large. */
export interface ReportedRecord {
  /** Of the service: another one of its name begins with nothing. */
  readonly service: string;
  readonly metrics: Readonly<Record<string, Reported>>;
}
