// What a pool's owner pays for otherwise than by the catalog's prices, as text.
import type { PoolView } from '../../../lib/api/schemas/pools.ts';
import { usd } from '../../text.ts';

export function ownPriceText(own: NonNullable<PoolView['prices']>[number]): string {
  const { instanceType, zone, capacityType, usdPerHour, discountPercent = 0 } = own;
  const where = [capacityType === undefined ? null : capacityType.replace('-', ' '), zone && `in ${zone}`];
  const price = usdPerHour === undefined ? `${String(discountPercent)} % less` : `${usd(usdPerHour)}/h`;
  return [instanceType, ...where].filter((one) => one !== null && one !== undefined).join(' ') + `: ${price}`;
}
