// Every action of the API, by name: the table that the server looks calls up in.
import type { Action } from './action.ts';
import { accountActions } from './families/account.ts';
import { describeInstanceActions } from './families/instances/describe-instances.ts';
import { fleetActions } from './families/fleets/fleets.ts';
import { ownImageActions } from './families/images/own-images.ts';
import { ebsSettingActions } from './families/storage/ebs-settings.ts';
import { imageAttributeActions } from './families/images/image-attributes.ts';
import { snapshotAttributeActions } from './families/storage/snapshot-attributes.ts';
import { imageActions } from './families/images/images.ts';
import { lifecycleActions } from './families/instances/instance-lifecycle.ts';
import { instanceOptionActions } from './families/instances/instance-options.ts';
import { capacityReservationActions } from './families/capacity-reservations.ts';
import { placementGroupActions } from './families/placement-groups.ts';
import { instanceTypeActions } from './families/instances/types/instance-types.ts';
import { keyPairActions } from './families/keys/key-pairs.ts';
import { launchTemplateActions } from './families/launching/launch-templates.ts';
import { networkInterfaceActions } from './families/networks/network-interfaces.ts';
import { elasticAddressActions } from './families/networks/elastic-addresses.ts';
import { natGatewayActions } from './families/networks/nat-gateways.ts';
import { networkActions } from './families/networks/network.ts';
import { runInstances } from './families/launching/run-instances.ts';
import { securityGroupChangeActions } from './families/networks/security-group-changes.ts';
import { vpcRangeActions } from './families/networks/vpc-ranges.ts';
import { securityGroupActions } from './families/networks/security-groups.ts';
import { snapshotActions } from './families/storage/snapshots.ts';
import { spotRequestActions } from './families/fleets/spot-request-actions.ts';
import { spotActions } from './families/fleets/spot.ts';
import { tagActions } from './families/tag-actions.ts';
import { routingActions } from './families/networks/routing.ts';
import { vpcActions } from './families/networks/vpc-actions.ts';
import { volumeActions } from './families/storage/volumes.ts';

const all: readonly Action[] = [
  runInstances,
  ...describeInstanceActions,
  ...lifecycleActions,
  ...instanceOptionActions,
  ...placementGroupActions,
  ...capacityReservationActions,
  ...fleetActions,
  ...launchTemplateActions,
  ...tagActions,
  ...imageActions,
  ...ownImageActions,
  ...imageAttributeActions,
  ...snapshotAttributeActions,
  ...ebsSettingActions,
  ...networkActions,
  ...networkInterfaceActions,
  ...vpcActions,
  ...routingActions,
  ...elasticAddressActions,
  ...natGatewayActions,
  ...volumeActions,
  ...snapshotActions,
  ...securityGroupActions,
  ...securityGroupChangeActions,
  ...vpcRangeActions,
  ...keyPairActions,
  ...instanceTypeActions,
  ...spotActions,
  ...spotRequestActions,
  ...accountActions,
];

export const actions: ReadonlyMap<string, Action> = new Map(all.map((one) => [one.name, one]));
