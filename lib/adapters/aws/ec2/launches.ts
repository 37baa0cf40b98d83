// Launching and ending instances: fleets for nodes, RunInstances for the machines of claims.
import {
  CreateFleetCommand,
  DescribeImagesCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { FrozenFleet, FrozenInstances } from '../../../core/records/launch.ts';
import { AssertionError } from '../../../core/values/errors.ts';
import type { InstanceType } from '../../../core/values/offering.ts';
import type { Catalog } from '../../../ports/catalog.ts';
import { CloudRefusedError, CloudThrottledError } from '../../../ports/cloud.ts';
import type { CloudListing, Instance, LaunchAnswer, TerminateAnswer } from '../../../ports/cloud.ts';
import { withOwnThings } from './calls.ts';
import type { Ec2Calls } from './calls.ts';
import { fleetAnswer, fleetInput } from './fleet.ts';
import type { LaunchPlaces, TemplateFacts } from './fleet.ts';
import { listedInstance } from './listing.ts';
import { namesOwnThings } from './places.ts';
import type { MachinePlaces } from './places.ts';
import { reservedAnswer, reservedInput } from './reserved.ts';
import { runInput } from './run.ts';
import { terminateBatches } from '../../../ports/ec2/terminate-batches.ts';

export interface FleetSetup {
  readonly places: LaunchPlaces;
  /** Knows which of the templates an instance type starts from. */
  readonly catalog: Pick<Catalog, 'instanceType'>;
}

/** What this process remembers of tokens and zones; forgetting costs a little accuracy, never correctness. */
const memoryMax = 20_000;

export class Ec2Launches {
  readonly #calls: Ec2Calls;
  readonly #fleets: FleetSetup | null;
  readonly #places: MachinePlaces | null;
  readonly #rootDevices: Map<string, string>;
  readonly #sentTokens = new Set<string>();
  readonly #zones = new Map<string, string>();

  constructor(calls: Ec2Calls, fleets: FleetSetup | null, places: MachinePlaces | null) {
    this.#calls = calls;
    this.#fleets = fleets;
    this.#places = places;
    this.#rootDevices = new Map(Object.entries(places?.rootDevices ?? {}));
  }

  /** Notes the zones of what is listed: terminations go zone by zone. */
  remember(listing: CloudListing): CloudListing {
    this.#noteZones(listing.instances);
    return listing;
  }

  async launchFleet(token: string, request: FrozenFleet): Promise<LaunchAnswer> {
    if (this.#fleets === null) throw new AssertionError('no fleet is launched from here: it has no launch templates');
    const { places, catalog } = this.#fleets;
    const types = new Map<string, InstanceType | null>();
    for (const { instanceType } of request.overrides) types.set(instanceType, await catalog.instanceType(instanceType));
    const factsOf = (instanceType: string): TemplateFacts =>
      types.get(instanceType) ?? { arch: 'amd64', isBurstable: false, gpu: 0, gpuManufacturer: null };
    const send = this.#sender(token, request, places, factsOf);
    const wasSentBefore = this.#sentTokens.has(token);
    this.#sentTokens.add(token);
    forgetOldest(this.#sentTokens);
    try {
      const answer = await send(wasSentBefore);
      this.#noteZones(answer.instances);
      return answer;
    } catch (error) {
      // Nothing happened: the next sending is the first.
      if (error instanceof CloudThrottledError && !wasSentBefore) this.#sentTokens.delete(token);
      throw error;
    }
  }

  /** The one call of the launch. @throws CloudRefusedError when a zone has no subnet */
  #sender(
    token: string,
    request: FrozenFleet,
    places: LaunchPlaces,
    factsOf: (instanceType: string) => TemplateFacts,
  ): (wasSentBefore: boolean) => Promise<LaunchAnswer> {
    if (request.reservation !== undefined) {
      const command = new RunInstancesCommand(reservedInput(token, request, places, factsOf));
      return async (wasSentBefore) => {
        const output = await this.#calls.send('RunInstances', (client) => client.send(command));
        return reservedAnswer(output, request, wasSentBefore);
      };
    }
    const command = new CreateFleetCommand(fleetInput(token, request, places, factsOf));
    return async (wasSentBefore) => {
      const output = await this.#calls.send('CreateFleet', (client) => client.send(command));
      return fleetAnswer(output, request, places, wasSentBefore);
    };
  }

  async runInstances(token: string, request: FrozenInstances): Promise<readonly Instance[]> {
    const places = this.#places;
    const rootDevice = places === null ? null : await this.#rootDevice(request.imageId);
    const command = new RunInstancesCommand(runInput(token, request, places, rootDevice));
    // Into a reservation it may be about that one: it is asked for once more without.
    const isOwn = places !== null && request.reservation === undefined && namesOwnThings(request, places);
    const send = () => this.#calls.send('RunInstances', (client) => client.send(command));
    const { Instances = [] } = await withOwnThings(isOwn, send);
    const instances = Instances.map((one) => listedInstance(one, places));
    this.#noteZones(instances);
    return instances.sort((a, b) => a.launchIndex - b.launchIndex);
  }

  /**
   * An image's own root disk is encrypted only if the launch says so, and only its device name
   * says which disk that is.
   */
  async #rootDevice(imageId: string): Promise<string> {
    const known = this.#rootDevices.get(imageId);
    if (known !== undefined) return known;
    const refuse = (code: string, message: string): never => {
      throw new CloudRefusedError({ code, scope: 'request', about: null, message });
    };
    if (!imageId.startsWith('ami-')) {
      const cure = "look it up (aws ssm get-parameter) and give the image's id";
      refuse(
        'ImageByParameter',
        `${imageId} is resolved by EC2 only at the launch, when it is too late to encrypt its root disk; ${cure}`,
      );
    }
    const { Images = [] } = await this.#calls.send('DescribeImages', (client) =>
      client.send(new DescribeImagesCommand({ ImageIds: [imageId] })),
    );
    const device = Images[0]?.RootDeviceName ?? '';
    if (device === '')
      refuse('InvalidAMIID.NotFound', `EC2 does not show ${imageId} and its root device to this account`);
    this.#rootDevices.set(imageId, device);
    return device;
  }

  async terminate(ids: readonly string[]): Promise<TerminateAnswer> {
    return terminateBatches(
      ids,
      (id) => this.#zones.get(id) ?? '',
      (batch) =>
        this.#calls.send('TerminateInstances', (client) =>
          client.send(new TerminateInstancesCommand({ InstanceIds: [...batch] })),
        ),
    );
  }

  #noteZones(instances: readonly Pick<Instance, 'id' | 'zone'>[]): void {
    for (const { id, zone } of instances) {
      this.#zones.set(id, zone);
      forgetOldest(this.#zones);
    }
  }
}

export function powerMethods(calls: Ec2Calls) {
  return {
    async stop(ids: readonly string[]): Promise<void> {
      const command = new StopInstancesCommand({ InstanceIds: [...ids] });
      await calls.send('StopInstances', (client) => client.send(command));
    },
    async start(ids: readonly string[]): Promise<void> {
      const command = new StartInstancesCommand({ InstanceIds: [...ids] });
      await calls.send('StartInstances', (client) => client.send(command));
    },
  };
}

function forgetOldest(memory: Set<string> | Map<string, unknown>): void {
  if (memory.size <= memoryMax) return;
  for (const oldest of memory.keys()) {
    memory.delete(oldest);
    return;
  }
}
