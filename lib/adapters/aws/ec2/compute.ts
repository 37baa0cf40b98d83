// The compute port on EC2. The SDK repeats nothing by itself: what is safe to repeat is known above, by token.
import {
  CreateFleetCommand,
  DescribeInstancesCommand,
  EC2Client,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Filter, Instance as Ec2Instance } from '@aws-sdk/client-ec2';
import type { FrozenLaunch } from '../../../core/records/launch.ts';
import { tagInstallation, tagLaunch, tagPool } from '../../../core/records/launch.ts';
import type { InstanceType } from '../../../core/values/offering.ts';
import type { Catalog } from '../../../ports/catalog.ts';
import { ComputeThrottledError, ComputeUnknownError } from '../../../ports/compute.ts';
import type {
  Compute,
  DescribeFilter,
  Instance,
  InstanceState,
  LaunchAnswer,
  TerminateAnswer,
} from '../../../ports/compute.ts';
import type { CallBudget } from '../call-budget.ts';
import { computeError, Ec2RefusedError, launchRefused } from './errors.ts';
import { fleetAnswer, fleetInput } from './fleet.ts';
import type { LaunchPlaces } from './fleet.ts';
import { connectingAnew } from '../sdk.ts';
import type { AwsClientOptions } from '../sdk.ts';

/** An instant fleet of 50 takes several seconds. */
const defaultTimeoutMs = 15_000;

export function createEc2Client(options: AwsClientOptions): EC2Client {
  return new EC2Client(connectingAnew(options, options.timeoutMs ?? defaultTimeoutMs));
}

export interface Ec2ComputeOptions {
  readonly client: EC2Client;
  readonly places: LaunchPlaces;
  /** Knows which of the two templates an instance type starts from. */
  readonly catalog: Pick<Catalog, 'instanceType'>;
  readonly budget: CallBudget;
}

/** EC2 takes more, but a batch that fails is halved until the culprit is found: smaller ones waste less. */
const terminateBatchMax = 100;
const pageMax = 1_000;
/** What this process remembers of tokens and zones; forgetting costs a little accuracy, never correctness. */
const memoryMax = 20_000;

export class Ec2Compute implements Compute {
  readonly #options: Ec2ComputeOptions;
  readonly #sentTokens = new Set<string>();
  readonly #zones = new Map<string, string>();

  constructor(options: Ec2ComputeOptions) {
    this.#options = options;
  }

  async launch(token: string, request: FrozenLaunch): Promise<LaunchAnswer> {
    const { client, places } = this.#options;
    const types = new Map<string, InstanceType | null>();
    for (const { instanceType } of request.overrides)
      types.set(instanceType, await this.#options.catalog.instanceType(instanceType));
    const input = fleetInput(
      token,
      request,
      places,
      (instanceType) => types.get(instanceType) ?? { arch: 'amd64', isBurstable: false },
    );
    await this.#spend('CreateFleet');
    const wasSentBefore = this.#sentTokens.has(token);
    this.#sentTokens.add(token);
    forgetOldest(this.#sentTokens);
    try {
      const answer = fleetAnswer(await client.send(new CreateFleetCommand(input)), request, places, wasSentBefore);
      for (const { id, zone } of answer.instances) this.#remember(id, zone);
      return answer;
    } catch (error) {
      const known = computeError('CreateFleet', error, launchRefused);
      // Nothing happened: the next sending is the first.
      if (known instanceof ComputeThrottledError && !wasSentBefore) this.#sentTokens.delete(token);
      throw known;
    }
  }

  async describe(filter: DescribeFilter): Promise<readonly Instance[]> {
    const filters = filtersOf(filter);
    const instances: Instance[] = [];
    let page: string | undefined;
    do {
      const token = page;
      const output = await this.#call('DescribeInstances', () =>
        this.#options.client.send(
          new DescribeInstancesCommand({ Filters: filters, MaxResults: pageMax, NextToken: token }),
        ),
      );
      for (const reservation of output.Reservations ?? [])
        instances.push(...(reservation.Instances ?? []).map(toInstance));
      page = output.NextToken === '' ? undefined : output.NextToken;
    } while (page !== undefined);
    for (const { id, zone } of instances) this.#remember(id, zone);
    return instances;
  }

  async terminate(ids: readonly string[]): Promise<TerminateAnswer> {
    const accepted: string[] = [];
    const refused: TerminateAnswer['refused'][number][] = [];
    // Within one call EC2 goes zone by zone: a protected instance keeps its zone's others alive, so zones go apart.
    const byZone = Map.groupBy(new Set(ids), (id) => this.#zones.get(id) ?? '');
    for (const members of byZone.values()) {
      for (let at = 0; at < members.length; at += terminateBatchMax)
        await this.#terminateBatch(members.slice(at, at + terminateBatchMax), accepted, refused);
    }
    return { accepted, refused };
  }

  async #terminateBatch(
    ids: readonly string[],
    accepted: string[],
    refused: TerminateAnswer['refused'][number][],
  ): Promise<void> {
    try {
      await this.#call('TerminateInstances', () =>
        this.#options.client.send(new TerminateInstancesCommand({ InstanceIds: [...ids] })),
      );
      accepted.push(...ids);
    } catch (error) {
      if (!(error instanceof Ec2RefusedError)) throw error;
      const [id] = ids;
      if (ids.length === 1 && id !== undefined) {
        refused.push({ id, code: error.awsCode, message: error.message });
        return;
      }
      const half = Math.ceil(ids.length / 2);
      await this.#terminateBatch(ids.slice(0, half), accepted, refused);
      await this.#terminateBatch(ids.slice(half), accepted, refused);
    }
  }

  async #call<T>(action: string, send: () => Promise<T>): Promise<T> {
    await this.#spend(action);
    try {
      return await send();
    } catch (error) {
      throw computeError(action, error, (code, message) => new Ec2RefusedError(action, code, message));
    }
  }

  async #spend(action: string): Promise<void> {
    if (await this.#options.budget.take(action)) return;
    throw new ComputeThrottledError(`${action} was not sent: the account's budget for it is spent at this moment`);
  }

  #remember(id: string, zone: string): void {
    this.#zones.set(id, zone);
    forgetOldest(this.#zones);
  }
}

function forgetOldest(memory: Set<string> | Map<string, unknown>): void {
  if (memory.size <= memoryMax) return;
  for (const oldest of memory.keys()) {
    memory.delete(oldest);
    return;
  }
}

function filtersOf({ installation, pool, launchId }: DescribeFilter): Filter[] {
  const wanted = { [tagInstallation]: installation, [tagPool]: pool, [tagLaunch]: launchId };
  return Object.entries(wanted).flatMap(([name, value]) =>
    value === undefined ? [] : [{ Name: `tag:${name}`, Values: [literal(value)] }],
  );
}

/** Filters take wildcards; what we ask for is meant literally. */
function literal(text: string): string {
  return text.replace(/[\\*?]/g, (char) => `\\${char}`);
}

function toInstance(instance: Ec2Instance): Instance {
  const id = instance.InstanceId;
  const state = instance.State?.Name;
  // A half-read listing must not look like a complete one: absence from a listing is evidence.
  if (id === undefined || state === undefined)
    throw new ComputeUnknownError(
      `DescribeInstances listed an instance without id or state: ${JSON.stringify(instance).slice(0, 300)}`,
    );
  return {
    id,
    state: state satisfies InstanceState,
    instanceType: instance.InstanceType ?? '',
    zone: instance.Placement?.AvailabilityZone ?? '',
    capacityType: instance.InstanceLifecycle === 'spot' ? 'spot' : 'on-demand',
    launchedAtMs: instance.LaunchTime?.getTime() ?? 0,
    tags: Object.fromEntries((instance.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''])),
    stateReason:
      instance.StateReason?.Message
      ?? (instance.StateTransitionReason === '' ? null : (instance.StateTransitionReason ?? null)),
  };
}
