// Every action of the API, by name: the table that the server looks calls up in.
import type { Action } from './action.ts';
import { accountActions } from './families/account.ts';
import { describeInstanceActions } from './families/describe-instances.ts';
import { fleetActions } from './families/fleets.ts';
import { imageActions } from './families/images.ts';
import { lifecycleActions } from './families/instance-lifecycle.ts';
import { instanceTypeActions } from './families/instance-types.ts';
import { keyPairActions } from './families/key-pairs.ts';
import { launchTemplateActions } from './families/launch-templates.ts';
import { networkActions } from './families/network.ts';
import { runInstances } from './families/run-instances.ts';
import { securityGroupActions } from './families/security-groups.ts';
import { snapshotActions } from './families/snapshots.ts';
import { spotActions } from './families/spot.ts';
import { tagActions } from './families/tag-actions.ts';
import { volumeActions } from './families/volumes.ts';

const all: readonly Action[] = [
  runInstances,
  ...describeInstanceActions,
  ...lifecycleActions,
  ...fleetActions,
  ...launchTemplateActions,
  ...tagActions,
  ...imageActions,
  ...networkActions,
  ...volumeActions,
  ...snapshotActions,
  ...securityGroupActions,
  ...keyPairActions,
  ...instanceTypeActions,
  ...spotActions,
  ...accountActions,
];

export const actions: ReadonlyMap<string, Action> = new Map(all.map((one) => [one.name, one]));
