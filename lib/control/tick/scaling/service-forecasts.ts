// Predictive services: what their policies want is noted over time, as a pool's demand is, and forecast for the time in
// which a replica comes. What was learned stays with the process that ticks, for few services; another process learns
// it from the history again, a few services a tick.
import type { Curve, DemandHistory } from '../../../core/forecast/history.ts';
import { closedHour, emptyHistory, historyLevels, withSample } from '../../../core/forecast/history.ts';
import { knownMsEnough, Learning, leadMsDefault } from '../../../core/forecast/learning.ts';
import type { Observation, SeenForecast, Versioned } from '../../../core/plan/observation.ts';
import { forecastQuantileDefault } from '../../../core/records/pool.ts';
import { demandMilliOf } from '../../../core/services/forecast/demand.ts';
import type { ServiceForecast } from '../../../core/services/forecast/wish.ts';
import type { ServiceRecord } from '../../../core/services/record.ts';
import { revisionOf } from '../../../core/services/record.ts';
import { bootMsOf } from '../../../core/tasks/capacity/boots.ts';
import { assert } from '../../../core/values/errors.ts';
import type { Resources } from '../../../core/values/resources.ts';
import type { Item, Write } from '../../../ports/store.ts';
import type { TickLock } from '../../coordination/lock.ts';
import { withFence } from '../../coordination/lock.ts';
import type { ControlPorts, ReadingPorts } from '../../ports.ts';
import { signalsSeen } from '../../services/signals.ts';
import { keys } from '../../store/keys.ts';
import { reading, transact } from '../../store/store-retry.ts';

/** By id of the service. */
export type ServiceLearnings = Map<string, Learning>;

/** Of a pool, in one process: the first by id; the others stay reactive, and say so. */
export const predictiveServicesMax = 50;
/** Each takes a good part of a second. */
const learnedPerTickMax = 3;
/** By the minute and by five minutes as of pools; by the hour for so long. */
const historyDays = 28;
/** After the last change; a service whose demand never changes needs no forecast. */
const keptMs = 40 * 86_400_000;

export function isPredictive({ scaling, deletingSinceMs, quarantine }: ServiceRecord): boolean {
  return scaling?.learningStyle === 'predictive' && deletingSinceMs === null && quarantine === undefined;
}

type Seen = Pick<Observation, 'nodes' | 'requests' | 'memory' | 'reported' | 'cloudWatch'> & {
  readonly pool: Observation['pool'];
  readonly services: readonly Versioned<ServiceRecord>[];
};

/** Of each predictive service of the pool, by id. `learnings` null: nothing is learned here, as for questions. */
export async function forecastsOfServices(
  ports: ReadingPorts,
  learnings: ServiceLearnings | null,
  seen: Seen,
): Promise<ReadonlyMap<string, SeenForecast>> {
  const all = seen.services.map(({ record }) => record).filter(isPredictive);
  const chosen = [...all].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, predictiveServicesMax);
  const found = new Map<string, SeenForecast>();
  let budget = learnedPerTickMax;
  for (const record of all) {
    // Of the others nothing is worked out, read or noted, so that a tick has time for the rest.
    if (!chosen.includes(record)) {
      const reason = `no forecast: ${String(predictiveServicesMax)} services of a pool have one`;
      found.set(record.id, { demandMilli: null, known: { kind: 'none', reason } });
      continue;
    }
    const demandMilli = await demandOf(ports, record, seen);
    const isLearned = (): boolean => {
      budget -= 1;
      return budget >= 0;
    };
    const known: ServiceForecast =
      learnings === null
        ? { kind: 'none', reason: 'no forecast: nothing is learned for a question' }
        : await forecastOf(ports, learnings, record, { demandMilli, leadMs: leadMsOf(record, seen), isLearned });
    found.set(record.id, { demandMilli, known });
  }
  forgetOthers(learnings, seen, chosen);
  return found;
}

/** Those of other pools stay: a process may tick several. */
function forgetOthers(learnings: ServiceLearnings | null, seen: Seen, chosen: readonly ServiceRecord[]): void {
  if (learnings === null) return;
  for (const { record } of seen.services) if (!chosen.includes(record)) learnings.delete(record.id);
  // Of services that are gone nobody says so; the oldest go first.
  for (const id of learnings.keys()) if (learnings.size > 2 * predictiveServicesMax) learnings.delete(id);
}

/** So long a replica takes: a node boots, and then it starts. */
function leadMsOf(record: ServiceRecord, seen: Seen): number {
  return (bootMsOf(seen) ?? leadMsDefault) + startMsOf(record);
}

function startMsOf(record: ServiceRecord): number {
  const template = revisionOf(record, record.revision)?.template;
  return template?.type === 'task' ? (template.health?.startPeriodMs ?? 0) : 0;
}

async function demandOf(ports: ReadingPorts, record: ServiceRecord, seen: Seen): Promise<number | null> {
  const { scaling, replicas } = record;
  assert(scaling !== undefined, 'a predictive service has no policies');
  const signals = await signalsSeen(record, {
    nowMs: ports.clock.nowMs(),
    nodes: seen.nodes.map((one) => one.record),
    reported: seen.reported,
    cloudWatch: seen.cloudWatch ?? null,
    rows: async () => seen.requests.map((one) => one.record),
  });
  return demandMilliOf(scaling, signals, replicas);
}

interface Asked {
  readonly demandMilli: number | null;
  readonly leadMs: number;
  /** Whether one more may be learned from its whole history in this tick. */
  readonly isLearned: () => boolean;
}

async function forecastOf(
  ports: ReadingPorts,
  learnings: ServiceLearnings,
  record: ServiceRecord,
  { demandMilli, leadMs, isLearned }: Asked,
): Promise<ServiceForecast> {
  if (demandMilli === null) return { kind: 'none', reason: 'no forecast: no metric of its policies has data' };
  const nowMs = ports.clock.nowMs();
  let learning = learnings.get(record.id);
  if (learning?.isFor(leadMs, nowMs) !== true) {
    if (!isLearned()) return { kind: 'none', reason: 'no forecast yet: it is learned by one of the next ticks' };
    learning = new Learning(historyIn(await readServiceHistory(ports, record)), nowMs, leadMs);
    learnings.set(record.id, learning);
  } else if (learning.isBehind(nowMs)) learning.goOn(historyIn(await readServiceHistory(ports, record)), nowMs);
  return forecastFrom(learning, record, demandMilli, nowMs, leadMs);
}

function forecastFrom(
  learning: Learning,
  { scaling }: ServiceRecord,
  demandMilli: number,
  nowMs: number,
  leadMs: number,
): ServiceForecast {
  const quantile = scaling?.forecastQuantile ?? forecastQuantileDefault;
  const known = learning.at(nowMs, asResources(demandMilli), quantile, leadMs);
  return known.kind === 'forecast' ? known : { kind: 'none', reason: tooLittle(known.knownMs) };
}

function tooLittle(knownMs: number): string {
  const minutes = (ms: number): string => `${String(Math.round(ms / 60_000))} minutes`;
  return `no forecast: what was wanted is known for ${minutes(knownMs)}, and ${minutes(knownMsEnough)} are needed`;
}

/** Thousandths of a replica stand where a pool's history has those of a vCPU. */
function asResources(demandMilli: number): Resources {
  return { cpuMilli: demandMilli, memoryMib: 0, gpu: 0 };
}

type HistoryItems = readonly (Item<Curve> | null)[];

async function readServiceHistory(ports: ReadingPorts, record: ServiceRecord): Promise<HistoryItems> {
  return reading(ports, () =>
    ports.store.getMany<Curve>(historyLevels.map((level) => keys.serviceHistory(record, level))),
  );
}

/** In the order of {@link historyLevels}. */
function historyIn(items: HistoryItems): DemandHistory {
  const parts = historyLevels.map((level, at) => [level, items[at]?.data ?? null]);
  return { ...emptyHistory, ...(Object.fromEntries(parts) as DemandHistory) };
}

/**
 * The last thing that a tick does for them: what their policies want is noted where it changed, each under the fence.
 * Answers when the next sample is due though nothing happens. @throws FencedError
 */
export async function keepServiceDemand(
  ports: ControlPorts,
  lock: TickLock,
  { services = [], serviceForecasts, nowMs }: Pick<Observation, 'services' | 'serviceForecasts' | 'nowMs'>,
): Promise<number | null> {
  let dueAtMs: number | null = null;
  for (const { record } of services) {
    const demandMilli = serviceForecasts?.get(record.id)?.demandMilli ?? null;
    if (demandMilli === null) continue;
    const laterMs = await noteDemand(ports, lock, record, asResources(demandMilli), nowMs);
    if (laterMs !== null) dueAtMs = Math.min(dueAtMs ?? Infinity, laterMs);
  }
  return dueAtMs;
}

async function noteDemand(
  ports: ControlPorts,
  lock: TickLock,
  record: ServiceRecord,
  demand: Resources,
  nowMs: number,
): Promise<number | null> {
  const stored = await reading(ports, () => ports.store.get<Curve>(keys.serviceHistory(record, 'open')));
  const noted = withSample(stored?.data ?? null, demand, nowMs);
  if (noted.kind === 'same') return noted.laterMs;
  const items = noted.kind === 'open' ? [stored] : await readServiceHistory(ports, record);
  const before = historyIn(items);
  if (noted.kind === 'closed' && before.open === null) return againMs(nowMs);
  const closed = noted.kind === 'closed' ? closedHour(before, nowMs, historyDays) : before;
  const next = noted.kind === 'closed' ? withSample(closed.open, demand, nowMs) : noted;
  assert(next.kind !== 'closed', 'an hour that has just begun is over');
  const after = next.kind === 'open' ? { ...closed, open: next.open } : closed;
  const writes = historyLevels.flatMap((level, at): Write[] => {
    const data = after[level];
    if (data === null || data === before[level]) return [];
    const item = { ...keys.serviceHistory(record, level), data, expiresAtMs: nowMs + keptMs };
    return [{ op: 'put', item, condition: items[at]?.version ?? 'absent' }];
  });
  const isWritten = await withFence(lock, (fence) => transact(ports, [fence, ...writes]));
  return isWritten ? next.laterMs : againMs(nowMs);
}

/** A sample that lost to somebody's write is taken a second later. */
function againMs(nowMs: number): number {
  return nowMs + 1_000;
}

/** For people: worked out anew from its history, for a service of any style. */
export async function forecastFromHistory(
  ports: ReadingPorts,
  record: ServiceRecord,
  demandMilli: number | null,
  bootMs: number | undefined,
): Promise<{ readonly learning: Learning; readonly known: ServiceForecast; readonly leadMs: number }> {
  const nowMs = ports.clock.nowMs();
  const leadMs = (bootMs ?? leadMsDefault) + startMsOf(record);
  const learning = new Learning(historyIn(await readServiceHistory(ports, record)), nowMs, leadMs);
  const known: ServiceForecast = !isPredictive(record)
    ? {
        kind: 'none',
        reason: 'no forecast: its history is kept from when it is declared with learningStyle "predictive"',
      }
    : demandMilli === null
      ? { kind: 'none', reason: 'no forecast: no metric of its policies has data' }
      : forecastFrom(learning, record, demandMilli, nowMs, leadMs);
  return { learning, known, leadMs };
}
