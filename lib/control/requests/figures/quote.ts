// What a request would cost and when it would be done: the pool's own decision on what is there now, as if it had just
// been accepted. Reads only, as what-if.ts.
import { instanceType } from '../../../core/catalog/index.ts';
import { shareOf } from '../../../core/costs/node-share.ts';
import { classesOf } from '../../../core/lifetimes/learned.ts';
import type { Lasting, Odds } from '../../../core/lifetimes/quoted.ts';
import { lastEndMs, lastingOf, oddsOf, togetherMs } from '../../../core/lifetimes/quoted.ts';
import { bootsOf } from '../../../core/tasks/capacity/boots.ts';
import type { Observation } from '../../../core/plan/observation.ts';
import type { RequestRecord } from '../../../core/records/request.ts';
import { newRequest } from '../../../core/tasks/request-lifecycle.ts';
import type { CapacityType } from '../../../core/values/offering.ts';
import type { Resources } from '../../../core/values/resources.ts';
import { NotPossibleError } from '../../errors.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import { checkZones } from '../../claims/volume-zones.ts';
import type { Observed } from '../../tick/observe.ts';
import { observe, rememberingNothing } from '../../tick/observe.ts';
import type { Quote, QuoteOffer, Submission } from '../../use-cases.ts';
import { listPools } from '../pools.ts';
import { choosePoolOf, requestIdOf } from '../submit.ts';
import type { DecidedFor } from './what-if.ts';
import { decidedFor, placedText, shownLaunch, waitingOf } from './what-if.ts';

/** Where the pool has seen no node boot: a guess, and named so. */
const bootGuess: Odds = { p50: 60_000, p90: 120_000 };

/** @throws UnsatisfiableError, NoPoolError and the like as when it is submitted; NotPossibleError for claims */
export async function quote(ports: ControlPorts, settings: ControlSettings, submission: Submission): Promise<Quote> {
  const { tenant } = submission;
  const id = requestIdOf(tenant, null, () => ports.random.id());
  const { pool, spec } = await choosePoolOf(ports, id, submission, await listPools(ports));
  if (spec.type !== 'task')
    throw new NotPossibleError('only tasks are quoted; a claim costs its price for as long as it is kept');
  await checkZones(ports, id, tenant, spec);
  const observed = await observe(ports, settings, pool, rememberingNothing(), null);
  if (observed === null) throw new NotPossibleError(`pool ${pool} was deleted meanwhile`);
  const { observation } = observed;
  const record = newRequest({ id, tenant, pool, bodyHash: '', spec }, ports.clock.nowMs());
  const { lifetimes } = observation.memory;
  const known = observation.pool.lifetimes === 'off' ? undefined : lifetimes;
  const lasting = lastingOf({ ...spec, classes: classesOf(record) }, known);
  const seen = oddsOf(bootsSeen(observation));
  const boot = seen ?? bootGuess;
  const offer = (capacityType: CapacityType | null): QuoteOffer => {
    const asked = capacityType === null ? record : withCapacity(record, capacityType);
    const now = { ...observed, observation: withRequest(observation, asked) };
    return offerOf(now, asked, { lasting, boot, capacityType, decided: decidedFor(ports, settings, now, id) });
  };
  const choices = capacityTypesOf(observation, record);
  return {
    ...{ pool, atMs: observation.nowMs, isBootGuessed: seen === null },
    lasting: { basis: lasting.basis, ends: lasting.ends, ms: lastEndMs(lasting, 1) },
    offers: [offer(null), ...(choices.length > 1 ? choices.map(offer) : [])],
  };
}

/** Those that both the pool and the request allow. */
function capacityTypesOf({ pool }: Observation, { spec }: RequestRecord): readonly CapacityType[] {
  const allowed = [pool.requirements.capacityType, spec.requirements.capacityType];
  return (['on-demand', 'spot'] as const).filter((one) => allowed.every((list) => list?.includes(one) ?? true));
}

function withCapacity(record: RequestRecord, capacityType: CapacityType): RequestRecord {
  const requirements = { ...record.spec.requirements, capacityType: [capacityType] };
  return { ...record, spec: { ...record.spec, requirements } };
}

function withRequest(observation: Observation, record: RequestRecord): Observation {
  const fresh = { record, version: 0, chunks: [], isCollected: false };
  return { ...observation, requests: [...observation.requests, fresh] };
}

function bootsSeen({ nodes, memory: { bootMs } }: Observation): readonly number[] {
  const boots = bootsOf(nodes);
  return boots.length > 0 || bootMs === undefined ? boots : [bootMs];
}

interface Question {
  readonly lasting: Lasting;
  readonly boot: Odds;
  readonly capacityType: CapacityType | null;
  readonly decided: DecidedFor;
}

function offerOf(
  { observation }: Pick<Observed, 'observation'>,
  { id, spec }: RequestRecord,
  { lasting, boot, capacityType, decided }: Question,
): QuoteOffer {
  const { plan, placed, planned } = decided;
  const shares = [
    ...placed.map((node) => ({ count: 1, usd: node.priceUsdPerHour * shareOn(spec.resources, node.instanceType) })),
    ...planned.flatMap(({ offerings: [first], tasks, count }) => {
      const own = tasks.find((one) => one.demandId === id)?.count ?? 0;
      const usd = first === undefined ? 0 : first.priceUsdPerHour * shareOn(spec.resources, first.type.name);
      return [{ count: own * count, usd }];
    }),
  ];
  const places = shares.reduce((sum, one) => sum + one.count, 0);
  const usdPerHour = shares.reduce((sum, one) => sum + one.count * one.usd, 0) / Math.max(1, places);
  const waiting = places < spec.count ? waitingOf(plan, observation, id) : null;
  const starts: Odds | null = waiting !== null ? null : planned.length > 0 ? boot : { p50: 0, p90: 0 };
  const ends = lastEndMs(lasting, spec.count);
  const hours = togetherMs(lasting, spec.count);
  return {
    capacityType,
    kind: waiting !== null ? 'waits' : planned.length > 0 ? 'bought' : 'placed',
    message: waiting?.message ?? planned[0]?.reason ?? placedText(placed),
    launches: planned.map(shownLaunch),
    startsMs: starts,
    endsMs: starts === null ? null : { p50: starts.p50 + ends.p50, p90: starts.p90 + ends.p90 },
    usd: places === 0 ? null : { p50: (usdPerHour * hours.p50) / hourMs, p90: (usdPerHour * hours.p90) / hourMs },
  };
}

const hourMs = 3_600_000;

function shareOn(resources: Resources, type: string): number {
  const whole = instanceType(type)?.allocatable;
  return whole === undefined ? 1 : shareOf({ resources }, whole);
}
