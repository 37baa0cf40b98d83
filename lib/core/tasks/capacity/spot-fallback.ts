// Tasks that may have spot or on-demand nodes, and would rather have on-demand ones now. Spot is cheap while there is
// time to begin anew: a task whose deadline leaves too little for that, and one whose nodes were lost again and again,
// asks for on demand, as a wish: where EC2 has none, it takes what there is. (The rule is that of "Can't Be Late",
// Wu et al., NSDI 2024, at its simplest: spot as long as an interruption at the worst moment loses nothing but time.)
import type { AllocationInput, Demand, PlannedLaunch } from '../../allocation/types.ts';
import { classesOf } from '../../lifetimes/learned.ts';
import { lastEndMs, lastingOf } from '../../lifetimes/quoted.ts';
import type { WorkingCopy } from '../../plan/working-copy.ts';
import type { RequestRecord, TaskRecord } from '../../records/request.ts';
import type { Requirements } from '../../values/requirements.ts';
import { waitingIndexes } from '../demand.ts';
import { deadlineOf } from '../request-lifecycle.ts';
import { bootMsOf } from './boots.ts';

/** After so many losses of spot nodes, where the last attempt was on one, a task has its next attempt on demand. */
const lossesBefore = 2;
/** Boots are guessed to take so long where none has been seen. */
const bootGuessMs = 60_000;
/** It costs what it costs: whether it pays was decided before. */
const anyPrice = 1_000_000;

/** The question with the wishes, and why each demand has one. */
export interface OnDemandFirst {
  readonly input: AllocationInput;
  readonly reasons: ReadonlyMap<string, string>;
}

export function onDemandFirst(copy: WorkingCopy, input: AllocationInput): OnDemandFirst {
  const reasons = new Map<string, string>();
  if (!mayChoose(input.pool.requirements)) return { input, reasons };
  const demand = input.demand.map((one): Demand => {
    const record = copy.request(one.id);
    const reason = record && mayChoose(one.requirements) ? reasonOf(record, one, copy) : null;
    if (reason === null) return one;
    reasons.set(one.id, reason);
    const wish = { requirements: { capacityType: ['on-demand'] }, maxExtraUsdPerHour: anyPrice } as const;
    return { ...one, preferences: [wish, ...(one.preferences ?? [])] };
  });
  return reasons.size === 0 ? { input, reasons } : { input: { ...input, demand }, reasons };
}

function mayChoose({ capacityType }: Requirements): boolean {
  return capacityType === undefined || (capacityType.includes('spot') && capacityType.includes('on-demand'));
}

function reasonOf(record: RequestRecord, { count }: Demand, copy: WorkingCopy): string | null {
  return deadlineReason(record, count, copy) ?? lossesReason(record, copy);
}

/** Twice a boot and its time: one interruption, at its very end, is all that spot may cost it. */
function deadlineReason(record: RequestRecord, count: number, copy: WorkingCopy): string | null {
  const deadlineMs = deadlineOf(record);
  if (deadlineMs === null) return null;
  const { pool, memory, nowMs } = copy.seen;
  const known = pool.lifetimes === 'off' ? undefined : memory.lifetimes;
  const lasting = lastingOf({ ...record.spec, classes: classesOf(record) }, known);
  const onceMs = (bootMsOf(copy.seen) ?? bootGuessMs) + lastEndMs(lasting, count).p90;
  return nowMs + 2 * onceMs > deadlineMs ? 'its deadline leaves no time to begin anew' : null;
}

/** Of an array all that wait have to be such tasks: they have one wish. */
function lossesReason(record: RequestRecord, copy: WorkingCopy): string | null {
  const chunks = copy.chunks(record.id);
  const lists = [record.tasks, ...chunks.map((one) => one.tasks)];
  if (!lists.some((list) => list.some(wasTakenAgain))) return null;
  const tasks = new Map(lists.flat().map((one) => [one.index, one]));
  for (const index of waitingIndexes(record, chunks, copy.nowMs, 'together', copy.seen.pool)) {
    const task = tasks.get(index);
    if (!task || !wasTakenAgain(task)) return null;
  }
  return `its spot nodes were lost ${String(lossesBefore)} times or more`;
}

/** What has been on an on-demand node since may have spot again. */
function wasTakenAgain({ state, spotLosses = 0, allocation }: TaskRecord): boolean {
  return state === 'pending' && spotLosses >= lossesBefore && allocation?.capacityType === 'spot';
}

/** What is bought on demand for them says so. */
export function withOnDemandReasons(
  launches: readonly PlannedLaunch[],
  reasons: ReadonlyMap<string, string>,
): readonly PlannedLaunch[] {
  if (reasons.size === 0) return launches;
  return launches.map((one) => {
    const first = one.tasks.find(({ demandId }) => reasons.has(demandId));
    if (!first || one.offerings.some(({ capacityType }) => capacityType !== 'on-demand')) return one;
    const { demandId } = first;
    return { ...one, reason: `${one.reason} On demand for ${demandId}: ${reasons.get(demandId) ?? ''}.` };
  });
}
