// What happens by itself beside the lives of instances: fleets and spot requests that go on asking.
import type { World } from '../world.ts';
import { nextReservationAtMs, settleReservations } from './capacity-reservations.ts';
import { nextFleetAtMs, settleFleets } from './fleets/fleet-life.ts';
import { settleNatGateways } from './networks/nat-gateways.ts';
import { nextSpotRequestAtMs, settleSpotRequests } from './fleets/spot-requests.ts';

/** Lets everything happen that is due. Costs next to nothing where nothing is. */
export function settle(world: World): void {
  world.cloud.catchUp();
  world.settleReserved();
  settleReservations(world);
  settleNatGateways(world);
  settleFleets(world);
  settleSpotRequests(world);
}

/** When something next happens in this world by itself; null: never, unless somebody calls. */
export function nextChangeAtMs(world: World): number | null {
  const times = [
    world.cloud.nextChangeAtMs(),
    nextReservationAtMs(world),
    nextFleetAtMs(world),
    nextSpotRequestAtMs(world),
  ];
  return times.reduce((first, one) => (one === null || (first !== null && first <= one) ? first : one), null);
}
