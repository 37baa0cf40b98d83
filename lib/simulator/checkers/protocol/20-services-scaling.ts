// Invariant 20 where policies move the count: it is never under min nor over max, replicas that are too many never
// leave fewer than min, nothing goes in by a metric that nobody has reported or that CloudWatch has no value of, a
// number never gives way to an older one, and an alarm acts once for each change of its state.
import { metricId } from '../../../core/scaling/policies/cloudwatch.ts';
import type { ReportedRecord, ServiceMetric, ServiceScaling } from '../../../core/services/policies.ts';
import type { ServiceRecord } from '../../../core/services/record.ts';
import { epochMs } from '../../kernel.ts';
import type { Truth, Watcher } from '../../truth.ts';

const name = '20: services';
/** A number, reported or read, counts for five minutes by clocks that may be off; a decision may be written late. */
const unknownAfterMs = 10 * 60_000;

export function servicesScaling(truth: Truth): Watcher {
  const acted = new ActedOn();
  return {
    service(before, after) {
      if (after?.scaling === undefined) return;
      checkBounds(truth, before, after, after.scaling);
      acted.check(truth, after);
      if (before === null || !isSame(before.scaling, after.scaling)) return;
      if (after.replicas < before.replicas) checkData(truth, after, after.scaling);
    },
    reported(before, after) {
      for (const [metric, { atMs }] of Object.entries(after.metrics)) {
        const last = before?.service === after.service ? valueOf(before, metric)?.atMs : undefined;
        if (last !== undefined && atMs < last)
          truth.violate(name, `${metric} of ${String(last)} gives way to one of ${String(atMs)}`, [after.service]);
      }
    },
  };
}

function checkBounds(
  truth: Truth,
  before: ServiceRecord | null,
  { name: own, replicas, running }: ServiceRecord,
  { min, max }: ServiceScaling,
): void {
  if (replicas < min || replicas > max)
    truth.violate(name, `service ${own} wants ${String(replicas)}, not ${String(min)} to ${String(max)}`, []);
  const going = new Set((before?.running ?? []).filter((one) => one.stop !== null).map((one) => one.request));
  const tooMany = running.filter(({ request, stop }) => !going.has(request) && / are wanted$/.test(stop?.reason ?? ''));
  const stay = running.filter((one) => one.stop === null).length;
  if (tooMany.length > 0 && stay < min)
    truth.violate(
      name,
      `service ${own} stops what is too many, and ${String(stay)} stay of at least ${String(min)}`,
      tooMany.map((one) => one.request),
    );
}

function checkData(truth: Truth, { id, name: own }: ServiceRecord, { policies }: ServiceScaling): void {
  for (const one of policies) {
    const said = 'metric' in one ? lastSaid(truth, id, one.metric) : null;
    if (said !== null && (said.atMs === undefined || truth.nowMs - said.atMs > unknownAfterMs))
      truth.violate(name, `service ${own} goes in, and ${said.lacking}`, [id]);
  }
}

/** When the metric last had a value, by the run's clock, and what is wrong if it has none; null: it always has one. */
function lastSaid(truth: Truth, id: string, metric: ServiceMetric) {
  switch (metric.kind) {
    case 'reported': {
      const known = truth.reported.get(id);
      const last = known && valueOf(known, metric.metric);
      return { atMs: last && last.atMs - epochMs, lacking: `nobody has reported ${metric.metric}` };
    }
    case 'cloudwatch': {
      const { cloudWatch } = metric;
      const lacking = `CloudWatch has no value of ${cloudWatch.metricName}`;
      return { atMs: truth.metricValuesAtMs.get(metricId(cloudWatch)), lacking };
    }
    default:
      return null;
  }
}

/** On which word of it each alarm acted last: to act again it must have said something newer. */
class ActedOn {
  readonly #last = new Map<string, { readonly actedAtMs: number; readonly saidAtMs: number }>();

  check(truth: Truth, { id, name: own, scaled }: ServiceRecord): void {
    const alarms = Object.entries(scaled?.alarmed?.alarms ?? {});
    for (const key of [...this.#last.keys()])
      if (key.startsWith(id) && !alarms.some(([alarm]) => key === id + alarm)) this.#last.delete(key);
    for (const [alarm, { actedAtMs, atMs }] of alarms) {
      const last = this.#last.get(id + alarm);
      if (actedAtMs === null || last?.actedAtMs === actedAtMs) continue;
      if (last !== undefined && atMs <= last.saidAtMs)
        truth.violate(name, `alarm ${alarm} of ${own} acts twice for one change`, []);
      this.#last.set(id + alarm, { actedAtMs, saidAtMs: atMs });
    }
  }
}

function valueOf({ metrics }: ReportedRecord, metric: string): ReportedRecord['metrics'][string] | undefined {
  return Object.entries(metrics).find(([one]) => one === metric)?.[1];
}

function isSame(a: ServiceScaling | undefined, b: ServiceScaling): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
