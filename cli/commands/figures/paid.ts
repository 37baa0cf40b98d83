// What a pool's owner pays for otherwise than by the catalog's prices, as text.
import type { PoolView } from '../../../lib/api/schemas/pools.ts';
import { usd } from '../../text.ts';

export function ownPriceText(own: NonNullable<PoolView['prices']>[number]): string {
  const { instanceType, zone, capacityType, usdPerHour, discountPercent = 0 } = own;
  const where = [capacityType === undefined ? null : capacityType.replace('-', ' '), zone && `in ${zone}`];
  const price = usdPerHour === undefined ? `${String(discountPercent)} % less` : `${usd(usdPerHour)}/h`;
  return [instanceType, ...where].filter((one) => one !== null && one !== undefined).join(' ') + `: ${price}`;
}

/** null: spot and on demand as they cost least. */
export function onDemandText({ onDemand }: Pick<PoolView, 'onDemand'>): string | null {
  if (onDemand === undefined) return null;
  const { baseVcpu, percent } = onDemand;
  return `the first ${String(baseVcpu)} vCPU, and ${String(percent)} % of those above`;
}

function kindText(kind: NonNullable<PoolView['commitments']>[number]['kind']): string {
  return kind.startsWith('capacity-') ? `${kind.replace('-', ' ')} of ` : '';
}

function placeText(zone: string | undefined): string {
  return zone === undefined ? '' : ` in ${zone}`;
}

type Shown = Pick<PoolView, 'commitments' | 'commitmentUse'>;

/** A line for each: what it is, how far it is used, when it ends, and why EC2 launches nothing into it. */
export function commitmentTexts({ commitments = [], commitmentUse = [] }: Shown): readonly string[] {
  const byName = new Map(commitmentUse.map((one) => [one.name, one]));
  return commitments.map((one) => {
    const name = 'id' in one ? one.id : one.name;
    const use = byName.get(name);
    const begin = 'from' in one ? `, from ${one.from}` : '';
    const end = begin + (one.until === undefined ? '' : `, until ${one.until}`);
    const what =
      one.kind === 'savings-plan'
        ? `${usd(one.usdPerHour)}/h of ${one.instanceFamily ?? 'any family'}, ${String(one.discountPercent)} % off`
        : `${kindText(one.kind)}${String(one.count)} ${one.instanceType}${placeText(one.zone)}`;
    if (use === undefined) return `${name}: ${what}${end}`;
    if (use.ended) return `${name}: ${what}${end}: it has ended, and is ignored`;
    const percent = (part: number): string => `${String(Math.round((100 * part) / use.of))} %`;
    const used = one.kind === 'savings-plan' ? `${usd(use.used)}/h` : String(use.used);
    const refused = use.refused === undefined ? '' : `. ${use.refused}`;
    return `${name}: ${what}${end}; ${used} in use (${percent(use.used)}), ${percent(use.meanToday)} today${refused}`;
  });
}
