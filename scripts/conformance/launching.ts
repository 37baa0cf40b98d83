// Launching: tokens, tags, listings and terminations, of RunInstances and of instant fleets.
import {
  CreateFleetCommand,
  CreateLaunchTemplateCommand,
  DescribeFleetsCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { CreateFleetCommandInput, _InstanceType } from '@aws-sdk/client-ec2';
import { quotas } from '../../lib/core/catalog/quotas.ts';
import type { QuotaClass } from '../../lib/core/catalog/quotas.ts';
import {
  conformanceTag,
  image,
  instanceType,
  instanceUsd,
  launched,
  launchOne,
  otherType,
  places,
  runInput,
  stateOf,
  tagged,
  waitForState,
} from './ec2.ts';
import { accepted, refusal, until } from './run.ts';
import type { Conditions, Scene, See } from './run.ts';

/** Long enough for a second launch to show. */
async function settled(conditions: Conditions, token: string, atLeast: number): Promise<number> {
  await until(conditions, async () => ((await launched(conditions, token)).length >= atLeast ? true : null));
  await new Promise((resolve) => {
    setTimeout(resolve, conditions.pollMs * 3);
  });
  return (await launched(conditions, token)).length;
}

const runTokens: Scene = {
  name: 'RunInstances and its token',
  behaviours: [
    'dry-run',
    'listing-lag',
    'tags-at-creation',
    'run-token-replay',
    'run-token-mismatch',
    'run-token-per-zone',
    'terminate-unknown',
    'terminate-twice',
    'terminated-visible',
    'run-token-terminated',
  ],
  makes: 'up to three small instances, one after the other',
  costUsd: instanceUsd * 3,
  async play(conditions, see) {
    const { ec2 } = conditions;
    const [place] = await places(conditions);
    const token = `${conditions.runId}-run`;
    const dry = await refusal(() =>
      ec2.send(new RunInstancesCommand({ ...runInput(conditions, place, token), DryRun: true })),
    );
    see('dry-run', dry === 'DryRunOperation', `answered ${dry}`);

    const id = await launchOne(conditions, place, token);
    const shown = await until(
      conditions,
      async () => (await launched(conditions, token)).find((one) => one.InstanceId === id) ?? null,
    );
    see(
      'listing-lag',
      shown !== null && shown.afterMs < 60_000,
      shown === null
        ? `${id} never showed by its tag`
        : `${id} showed by its tag ${String(shown.afterMs)} ms after the answer`,
    );
    await lookAtTags(conditions, see, id, shown !== null);
    await lookAtReplay(conditions, see, id, token);
    await lookAtTerminations(conditions, see, id);
    const late = await refusal(() => ec2.send(new RunInstancesCommand(runInput(conditions, place, token))));
    see('run-token-terminated', late === 'IdempotentInstanceTerminated', `answered ${late}`);
  },
};

async function lookAtTags(conditions: Conditions, see: See, id: string, isShown: boolean): Promise<void> {
  const { ec2, runId } = conditions;
  const volumeTags = await until(conditions, async () => {
    const { Volumes = [] } = await ec2.send(
      new DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [id] }] }),
    );
    return Volumes.length === 0
      ? null
      : Volumes.map((one) => one.Tags?.find(({ Key }) => Key === conformanceTag)?.Value ?? 'none');
  });
  see(
    'tags-at-creation',
    isShown && (volumeTags?.value.every((value) => value === runId) ?? false),
    'the instance was found by its tag; its volumes had '
      + `${volumeTags === null ? 'not shown' : volumeTags.value.join(', ')} at their first sighting`,
  );
}

async function lookAtReplay(conditions: Conditions, see: See, id: string, token: string): Promise<void> {
  const { ec2 } = conditions;
  const [place, elsewhere] = await places(conditions);
  const replayed = await ec2.send(new RunInstancesCommand(runInput(conditions, place, token)));
  const ids = (replayed.Instances ?? []).map((one) => one.InstanceId ?? '');
  const inZone = await settled(conditions, token, 1);
  see(
    'run-token-replay',
    inZone === 1 && ids.every((one) => one === id),
    `the replay named ${ids.join(', ') || 'nothing'}; ${String(inZone)} instance by the tag`,
  );
  const mismatch = await refusal(() =>
    ec2.send(new RunInstancesCommand(runInput(conditions, place, token, { InstanceType: otherType }))),
  );
  see('run-token-mismatch', mismatch === 'IdempotentParameterMismatch', `answered ${mismatch}`);
  const again = await refusal(() => launchOne(conditions, elsewhere, token));
  const inBoth = again === accepted ? await settled(conditions, token, 2) : inZone;
  see(
    'run-token-per-zone',
    again === accepted && inBoth === 2,
    `in ${elsewhere.zone} it answered ${again}; ${String(inBoth)} instances by the tag`,
  );
}

async function lookAtTerminations(conditions: Conditions, see: See, id: string): Promise<void> {
  const { ec2 } = conditions;
  await waitForState(conditions, id, ['running', 'pending']);
  const unknown = await refusal(() =>
    ec2.send(new TerminateInstancesCommand({ InstanceIds: [id, 'i-00000000000000000'] })),
  );
  const after = await stateOf(conditions, id);
  see(
    'terminate-unknown',
    unknown === 'InvalidInstanceID.NotFound' && (after === 'running' || after === 'pending'),
    `answered ${unknown}; the other one is ${after}`,
  );
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  const twice = await refusal(() => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })));
  await waitForState(conditions, id, ['terminated']);
  const thrice = await refusal(() => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })));
  see('terminate-twice', twice === accepted && thrice === accepted, `while going: ${twice}; when gone: ${thrice}`);
  see('terminated-visible', true, `${id} was shown as terminated`);
}

/** Types to be refused with, should the account have none of their quota; the cheapest first. */
const refusable: readonly (readonly [QuotaClass, string])[] = [
  ['inf', 'inf2.xlarge'],
  ['g', 'g5.xlarge'],
  ['trn', 'trn1.2xlarge'],
  ['p', 'p3.2xlarge'],
];

const refusedTokens: Scene = {
  name: 'RunInstances refused by a quota',
  behaviours: ['run-token-refused'],
  makes: 'nothing: an instance of a dear type is asked for where the quota of it is 0',
  // A minute of the dearest one, were it launched against its quota.
  costUsd: 0.06,
  async play(conditions, see) {
    const [place] = await places(conditions);
    const tried: string[] = [];
    for (const [quotaClass, type] of refusable) {
      const code = quotas[quotaClass]['on-demand'];
      const quota = code === null ? null : await conditions.quota(code);
      if (quota !== 0) {
        tried.push(`${quotaClass}: quota ${quota === null ? 'unknown' : String(quota)}`);
        continue;
      }
      const token = `${conditions.runId}-refused-${quotaClass}`;
      const first = await refusal(() =>
        launchOne(conditions, place, token, {
          InstanceType: type as _InstanceType,
          ImageId: image.replace('arm64', 'x86_64'),
        }),
      );
      if (first !== 'VcpuLimitExceeded') {
        tried.push(`${type}: ${first}`);
        if (first === accepted) break;
        continue;
      }
      const second = await refusal(() => launchOne(conditions, place, token));
      see(
        'run-token-refused',
        second === 'IdempotentParameterMismatch',
        `after ${first} of a ${type} the token with other parameters answered ${second}`,
      );
      return;
    }
    throw new Error(`nothing was refused with VcpuLimitExceeded (${tried.join(', ')})`);
  },
};

function fleetInput(
  conditions: Conditions,
  templateId: string,
  subnetId: string,
  token: string,
  type: _InstanceType,
  spotMaxPrice?: string,
): CreateFleetCommandInput {
  return {
    ClientToken: token,
    Type: 'instant',
    LaunchTemplateConfigs: [
      {
        LaunchTemplateSpecification: { LaunchTemplateId: templateId, Version: '1' },
        Overrides: [
          { InstanceType: type, SubnetId: subnetId, ...(spotMaxPrice === undefined ? {} : { MaxPrice: spotMaxPrice }) },
        ],
      },
    ],
    TargetCapacitySpecification: {
      TotalTargetCapacity: 1,
      DefaultTargetCapacityType: spotMaxPrice === undefined ? 'on-demand' : 'spot',
    },
    TagSpecifications: tagged(conditions, ['fleet', 'instance', 'volume'], { launch: token }),
  };
}

const fleetTokens: Scene = {
  name: 'CreateFleet (instant) and its token',
  behaviours: ['fleet-token-replay', 'fleet-token-mismatch', 'fleet-hidden', 'fleet-token-empty'],
  makes: 'a launch template, and up to three small instances by fleets',
  costUsd: instanceUsd * 3,
  async play(conditions, see) {
    const { ec2 } = conditions;
    const [place] = await places(conditions);
    const made = await ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: `bellows-conformance-${conditions.runId}`,
        LaunchTemplateData: { ImageId: image, MetadataOptions: { HttpTokens: 'required' } },
        TagSpecifications: tagged(conditions, ['launch-template']),
      }),
    );
    const templateId = made.LaunchTemplate?.LaunchTemplateId ?? '';
    const token = `${conditions.runId}-fleet`;
    const first = await ec2.send(
      new CreateFleetCommand(fleetInput(conditions, templateId, place.subnetId, token, instanceType)),
    );
    if ((first.Instances ?? []).length !== 1)
      throw new Error(
        `the fleet launched nothing: ${(first.Errors ?? []).map((one) => one.ErrorCode ?? '').join(', ')}`,
      );
    const replay = await ec2.send(
      new CreateFleetCommand(fleetInput(conditions, templateId, place.subnetId, token, instanceType)),
    );
    const count = await settled(conditions, token, 1);
    see(
      'fleet-token-replay',
      count === 1 && replay.FleetId === first.FleetId,
      `the replay named fleet ${replay.FleetId === first.FleetId ? 'the same' : (replay.FleetId ?? 'none')} with `
        + `${String((replay.Instances ?? []).flatMap((one) => one.InstanceIds ?? []).length)} instances; `
        + `${String(count)} by the tag`,
    );
    const mismatch = await refusal(() =>
      ec2.send(new CreateFleetCommand(fleetInput(conditions, templateId, place.subnetId, token, otherType))),
    );
    see('fleet-token-mismatch', mismatch === 'IdempotentParameterMismatch', `answered ${mismatch}`);
    const { Fleets: all = [] } = await ec2.send(new DescribeFleetsCommand({}));
    const isListed = all.some((one) => one.FleetId === first.FleetId);
    const byId = await until(conditions, async () => {
      const { Fleets = [] } = await ec2.send(new DescribeFleetsCommand({ FleetIds: [first.FleetId ?? ''] }));
      return Fleets.length > 0 ? true : null;
    });
    see(
      'fleet-hidden',
      !isListed && byId !== null,
      `${isListed ? 'listed' : 'not listed'} without its id, ${byId === null ? 'not shown' : 'shown'} with it`,
    );
    // A price that no spot pool has: the fleet is made, and launches nothing.
    const empty = `${conditions.runId}-empty`;
    const nothing = await ec2.send(
      new CreateFleetCommand(fleetInput(conditions, templateId, place.subnetId, empty, instanceType, '0.0001')),
    );
    const codes = (nothing.Errors ?? []).map((one) => one.ErrorCode ?? '').join(', ');
    if ((nothing.Instances ?? []).length > 0) throw new Error('EC2 launched a spot instance for 0.0001 USD');
    const other = await refusal(() =>
      ec2.send(new CreateFleetCommand(fleetInput(conditions, templateId, place.subnetId, empty, otherType, '0.0002'))),
    );
    see(
      'fleet-token-empty',
      other === 'IdempotentParameterMismatch',
      `the first call launched nothing (${codes}); the token with other overrides answered ${other}`,
    );
  },
};

const spotStop: Scene = {
  name: 'stopping a spot instance',
  behaviours: ['spot-stop'],
  makes: 'one small spot instance',
  costUsd: instanceUsd,
  async play(conditions, see) {
    const [place] = await places(conditions);
    const id = await launchOne(conditions, place, `${conditions.runId}-spot`, {
      InstanceMarketOptions: { MarketType: 'spot', SpotOptions: { SpotInstanceType: 'one-time' } },
    });
    await waitForState(conditions, id, ['running']);
    const { Reservations: [reservation] = [] } = await conditions.ec2.send(
      new DescribeInstancesCommand({ InstanceIds: [id] }),
    );
    const code = await refusal(() => conditions.ec2.send(new StopInstancesCommand({ InstanceIds: [id] })));
    see(
      'spot-stop',
      code !== accepted,
      `StopInstances of a ${reservation?.Instances?.[0]?.InstanceLifecycle ?? 'plain'} instance answered ${code}`,
    );
  },
};

export const launchingScenes: readonly Scene[] = [runTokens, refusedTokens, fleetTokens, spotStop];
