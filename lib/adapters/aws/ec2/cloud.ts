// The cloud port over the SDK's client of EC2, with any transport for its calls: AWS, the simulated EC2's server, or
// the simulated EC2 in this process.
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { Cloud } from '../../../ports/cloud.ts';
import type { CallBudget } from '../call-budget.ts';
import { Ec2Calls } from './calls.ts';
import { groupMethods } from './groups.ts';
import { Ec2Launches, powerMethods } from './launches.ts';
import type { FleetSetup } from './launches.ts';
import { listingMethods } from './listing.ts';
import type { MachinePlaces } from './places.ts';
import { storageMethods } from './storage.ts';

export interface Ec2CloudOptions {
  readonly client: EC2Client;
  readonly budget: CallBudget;
  /** null: no node is launched from here. */
  readonly fleets: FleetSetup | null;
  /** Of machines and groups; null: EC2's own defaults, which are the account's default VPC and its default group. */
  readonly places: MachinePlaces | null;
}

export type Ec2Cloud = Required<Cloud>;

export function createEc2Cloud({ client, budget, fleets, places }: Ec2CloudOptions): Ec2Cloud {
  const calls = new Ec2Calls(client, budget);
  const launches = new Ec2Launches(calls, fleets, places);
  const listing = listingMethods(calls, places);
  return {
    ...listing,
    list: async (scope) => launches.remember(await listing.list(scope)),
    launchFleet: (token, request) => launches.launchFleet(token, request),
    runInstances: (token, request) => launches.runInstances(token, request),
    terminate: (ids) => launches.terminate(ids),
    ...powerMethods(calls),
    ...storageMethods(calls),
    ...groupMethods(calls, places),
  };
}
