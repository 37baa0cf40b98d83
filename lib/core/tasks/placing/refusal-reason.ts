// Why EC2 sells nothing that would carry what waits, in words for people: the code, its scope, until when it is not
// asked again, and the cure.
import type { NamedReservation } from '../../catalog/commitments.ts';
import { quotaClass, quotas } from '../../catalog/quotas.ts';
import type { QuotaClass } from '../../catalog/quotas.ts';
import { hasKnownScope, shortages } from '../../values/ec2-error-codes.ts';
import type { Offering } from '../../values/offering.ts';
import type { CapacityMemory, Refusal } from '../../plan/capacity-memory.ts';
import {
  everything,
  isNarrow,
  neverCalled,
  refusalOf,
  reservationRefusal,
  tryingReason,
} from '../../plan/capacity-memory.ts';

export interface RefusalReason {
  readonly code: 'no_capacity' | 'account_limit' | 'launch_refused';
  readonly message: string;
  /** When the first of what is refused is asked for again. */
  readonly nextTryAtMs: number;
}

const namedMax = 3;

/**
 * Why none of `offerings` (those that could carry what waits) can be bought now: the code, its scope, until
 * when, and the cure; null where one of them is not refused. What GPUs and accelerators are refused for says
 * nothing of what needs none.
 */
export function refusalReason(
  memory: CapacityMemory,
  offerings: readonly Offering[],
  nowMs: number,
  isGpuWanted: boolean,
): RefusalReason | null {
  const plain = isGpuWanted ? offerings : offerings.filter(isPlain);
  const counts = new Map<string, { readonly refusal: Refusal; count: number; readonly example: Offering }>();
  for (const offering of plain.length > 0 ? plain : offerings) {
    const found = refusalOf(memory, offering, nowMs);
    if (!found) return null;
    // Shortages of offerings are one thing to say, however many there are.
    const group = isNarrow(found.key) ? found.refusal.code : found.key;
    const same = counts.get(group);
    if (same && same.refusal.untilMs <= found.refusal.untilMs) same.count += 1;
    else counts.set(group, { refusal: found.refusal, count: (same?.count ?? 0) + 1, example: offering });
  }
  const groups = [...counts]
    .map(([key, one]) => ({ key, ...one }))
    .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1));
  const [most] = groups;
  if (!most) return null;
  const nextTryAtMs = Math.min(...groups.map((one) => one.refusal.untilMs));
  const texts = groups.slice(0, namedMax).map((one) => textOf(one.key, one.refusal, one.count, one.example, memory));
  const rest = groups.length > namedMax ? ` Further refusals: ${String(groups.length - namedMax)}.` : '';
  const isShort = shortages.has(most.refusal.code);
  return {
    code: isShort ? 'no_capacity' : hasKnownScope(most.refusal.code) ? 'account_limit' : 'launch_refused',
    message: `${texts.join(' ')}${rest}`,
    nextTryAtMs,
  };
}

/** Why nothing is launched into a capacity reservation or block now, and the cure; null: something may be. */
export function reservationRefused(
  memory: Pick<CapacityMemory, 'refusals'>,
  { name, zone, kind }: Pick<NamedReservation, 'name' | 'zone' | 'kind'>,
  nowMs: number,
): string | null {
  const refusal = reservationRefusal(memory, { name, zone }, nowMs);
  if (refusal === null) return null;
  const { code, message, untilMs } = refusal;
  const said = message ? `${code}: ${message.replace(/[.\s]+$/, '')}` : code;
  const ask = `aws ec2 describe-capacity-reservations --capacity-reservation-ids ${name}`;
  const cure =
    code === 'UnauthorizedOperation'
      ? "The scheduler's role, or a policy above it, does not allow the launch: ./bellows preflight tells which."
      : /^(Insufficient|ReservationCapacity)/.test(code)
        ? `Others use it too, or it has ${kind === 'capacity-block' ? 'not begun' : 'fewer instances'}: ${ask} tells.`
        : `Compare what the pool declares with what it is: ${ask}`;
  return `EC2 refuses launches into it: ${said}; not asked again before ${new Date(untilMs).toISOString()}. ${cure}`;
}

/** What has no GPU or other accelerator, whose quotas are of their own. */
export function isPlain({ type }: Offering): boolean {
  return type.gpu === 0 && !accelerated.has(quotaClass(type.family));
}

const accelerated: ReadonlySet<QuotaClass> = new Set(['g', 'p', 'f', 'inf', 'trn', 'dl']);

function textOf(
  key: string,
  { code, message, untilMs, aboveVcpu }: Refusal,
  count: number,
  example: Offering,
  memory: CapacityMemory,
): string {
  const until = `not asked again before ${new Date(untilMs).toISOString()}`;
  if (code === neverCalled && key === everything)
    return (
      `${tryingReason(memory) ?? 'Nodes came and never called.'} `
      + `${until[0]?.toUpperCase() ?? ''}${until.slice(1)}.`
    );
  const where = `${example.type.name} (${example.capacityType}) in ${example.zone}`;
  const size =
    aboveVcpu === undefined ? '' : ` of more than ${String(aboveVcpu)} ${aboveVcpu === 1 ? 'vCPU' : 'vCPUs'}`;
  const about = `${scopeText(key, count, where, example)}${size}`;
  const cure = cureOf(code, example);
  return (
    `EC2 refuses ${about}: ${code}${message ? `: ${message.replace(/[.\s]+$/, '')}` : ''}; `
    + `${until}.${cure ? ` ${cure}` : ''}`
  );
}

function scopeText(key: string, count: number, where: string, { type, zone, capacityType }: Offering): string {
  if (key.startsWith('quota ')) return `all ${capacityType} instances of ${quotas[quotaClass(type.family)].families}`;
  if (key === everything) return 'whatever this pool asks for';
  if (key === `*/*/${capacityType}`) return `all ${capacityType} capacity of this account`;
  if (key.startsWith('*/')) return `what is in ${zone}`;
  return count === 1 ? where : `${String(count)} offerings, ${where} among them`;
}

/** What a person can do about it; '' where it passes by itself. */
function cureOf(code: string, { type, capacityType }: Offering): string {
  switch (code) {
    case 'VcpuLimitExceeded':
    case 'MaxSpotInstanceCountExceeded':
    case 'InstanceLimitExceeded': {
      const quota = quotas[quotaClass(type.family)];
      return (
        `Ask AWS for more of the ${capacityType} quota `
        + `"${quota.families}"${quota[capacityType] === null ? '' : ` (${quota[capacityType]})`} in Service `
        + 'Quotas.'
      );
    }
    case 'AuthFailure.ServiceLinkedRoleCreationNotPermitted':
      return 'Make the role that spot needs: aws iam create-service-linked-role --aws-service-name spot.amazonaws.com';
    case 'UnauthorizedOperation':
      return "The scheduler's role, or a policy above it, does not allow the call: ./bellows preflight tells which.";
    case 'InsufficientFreeAddressesInSubnet':
      return 'The subnet has no free addresses.';
    default:
      return '';
  }
}
