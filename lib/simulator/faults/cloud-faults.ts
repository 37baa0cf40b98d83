// The faults that come by the minute and belong to nobody's call: shortages, spot storms, dying instances,
// jumping clocks, deploys, and the outage of the whole control plane.
import type { SimulatedCloud } from '../../adapters/simulated/cloud/cloud.ts';
import type { World as Ec2World } from '../../adapters/simulated/ec2/world.ts';
import { tagRequest } from '../../core/records/claim.ts';
import { tagInstallation, tagLaunch, tagPool } from '../../core/records/launch.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import type { Controllers } from '../processes/controllers.ts';
import { everyMinute } from './every-minute.ts';
import type { FaultDraws } from './fault-draws.ts';
import type { Kernel } from '../kernel.ts';
import type { Stream } from '../random.ts';
import type { Trace } from '../trace.ts';
import { strayPrefix } from '../truth.ts';
import type { TrueInstance, Truth } from '../truth.ts';
import { installation } from '../run/settings.ts';
import { drawLimits } from '../applications/workload.ts';

export interface CloudFaultsOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly truth: Truth;
  readonly cloud: SimulatedCloud;
  readonly controllers: Controllers;
  readonly busyMs: number;
  /** Something changed in the cloud. */
  readonly onCloudChange: () => void;
  readonly putPool: (spec: PoolSpec) => void;
  /** Deletes a pool, and declares it again later; refused while anything of it is open. */
  readonly deletePool: (name: string) => void;
  /** From now on new processes run another version of the program. */
  readonly newTemplate: () => void;
}

const minuteMs = 60_000;
const skewMaxMs = 2_000;

export class CloudFaults {
  readonly #options: CloudFaultsOptions;

  constructor(options: CloudFaultsOptions) {
    this.#options = options;
    everyMinute(options, () => this.#disturb());
    const { draws, kernel, busyMs } = options;
    if (draws.hits('outage')) {
      const stream = draws.of('outage');
      const fromMs = stream.between(0.1, 0.8) * busyMs;
      kernel.at(fromMs, () => this.#outage(stream.between(2 * minuteMs, 15 * minuteMs)));
    }
  }

  /** Capacity is back, and EC2 behaves from now on. */
  calm(): void {
    const { cloud } = this.#options;
    cloud.setCapacity('*', null);
    cloud.options.neverBootsProbability = 0;
    cloud.options.failedLaunchProbability = 0;
    cloud.options.describeLagMs = 500;
  }

  #disturb(): void {
    const { draws, truth } = this.#options;
    if (draws.hits('ice')) this.#shortage(draws.of('ice'));
    if (draws.hits('partialFleet')) this.#scarcity(draws.of('partialFleet'));
    if (draws.hits('spotStorm')) this.#storm(draws.of('spotStorm'));
    if (draws.hits('instanceDies')) this.#death(draws.of('instanceDies'));
    if (draws.hits('strayInstance')) this.#stray(draws.of('strayInstance'));
    if (draws.hits('clockJump')) this.#jump(draws.of('clockJump'));
    if (truth.ec2) {
      if (draws.hits('strayResource')) this.#strayResource(draws.of('strayResource'), truth.ec2);
      if (draws.hits('poolDeletion')) this.#deletion(draws.of('poolDeletion'));
    }
    if (draws.hits('deploy')) this.#deploy(draws.of('deploy'));
  }

  #log(text: string): void {
    this.#options.trace.write(this.#options.kernel.nowMs, 'faults', text);
  }

  #shortage(stream: Stream): void {
    const offerings = [...this.#options.truth.instances.values()].map(
      (one) => `${one.instanceType}/${one.zone}/${one.capacityType}`,
    );
    const zone = stream.pick(['us-east-1a', 'us-east-1b', 'us-east-1c']);
    const pattern = stream.pick([offerings.at(-1) ?? '*', `*/${zone}/*`, '*/spot', '*']);
    this.#limit(pattern, 0, 0, stream.logBetween(20_000, 20 * minuteMs));
  }

  #scarcity(stream: Stream): void {
    this.#limit('*', stream.integer(1, 3), stream.between(0, 3), stream.logBetween(20_000, 10 * minuteMs));
  }

  #limit(pattern: string, full: number, refillPerMinute: number, forMs: number): void {
    const { kernel, draws, cloud } = this.#options;
    this.#log(`${pattern} has capacity for ${String(full)} for ${(forMs / 1000).toFixed(0)} s`);
    cloud.setCapacity(pattern, full, refillPerMinute);
    kernel.after(forMs, () => {
      if (!draws.isCalm) cloud.setCapacity(pattern, null);
    });
  }

  #storm(stream: Stream): void {
    const share = stream.between(0.1, 1);
    for (const { id } of this.#alive((one) => one.capacityType === 'spot' && one.reclaimAtMs === null)) {
      if (stream.chance(share)) this.#options.cloud.interrupt(id, Math.round(stream.between(20_000, 120_000)));
    }
    this.#options.onCloudChange();
  }

  #death(stream: Stream): void {
    const alive = this.#alive(() => true);
    if (alive.length === 0) return;
    const { id } = stream.pick(alive);
    this.#log(`${id} dies`);
    this.#options.cloud.crashInstance(id, 'the host failed');
    this.#options.onCloudChange();
  }

  /** The node that carries the most is lost: at once, after a notice, or because its agent is never heard of again. */
  loseFullestNode(): void {
    const { truth, cloud, draws, onCloudChange } = this.#options;
    if (draws.isCalm) return;
    const [fullest] = [...truth.nodes.values()].sort(
      (a, b) => b.assigned.length - a.assigned.length || (a.id < b.id ? -1 : 1),
    );
    const machine = truth.machines.get(fullest?.id ?? '');
    if (!fullest || !machine?.isOn) return;
    const how = draws.of('instanceDies').pick(['dies', 'is taken by EC2', 'falls silent'] as const);
    this.#log(`${fullest.id} with ${String(fullest.assigned.length)} tasks ${how}`);
    if (how === 'falls silent') machine.killAgent();
    else if (how === 'dies' || fullest.capacityType !== 'spot') cloud.crashInstance(fullest.id, 'the host failed');
    else cloud.interrupt(fullest.id, 30_000);
    onCloudChange();
  }

  /** As after a restored backup, or by somebody's hand: ours by its tags, and in no record. */
  #stray(stream: Stream): void {
    const { cloud, truth, onCloudChange } = this.#options;
    const pool = [...truth.pools.keys()][0];
    if (pool === undefined) return;
    const override = { instanceType: 'c7g.medium', zone: 'us-east-1a', priceUsdPerHour: 0.0363 };
    const token = `${strayPrefix}${stream.id()}`;
    cloud.launch({
      token,
      tokenScope: 'fleet',
      parameters: token,
      capacityType: 'on-demand',
      strategy: 'lowest-price',
      overrides: [override],
      count: 1,
      minCount: 0,
      tags: { [tagInstallation]: installation, [tagPool]: pool, [tagLaunch]: token },
    });
    onCloudChange();
  }

  /** As after a restored backup: EC2 has it because of a request, and no record knows. */
  #strayResource(stream: Stream, ec2: Ec2World): void {
    const pool = [...this.#options.truth.pools.keys()][0];
    if (pool === undefined) return;
    const id = `${strayPrefix}${stream.id()}`;
    const tags = { [tagInstallation]: installation, [tagPool]: pool, [tagRequest]: id };
    const nowMs = ec2.nowMs();
    if (stream.chance(0.5)) {
      ec2.volumes.put({
        id: ec2.newId('vol'),
        zone: 'us-east-1a',
        sizeGib: 8,
        type: 'gp3',
        iops: 3_000,
        throughput: 125,
        isEncrypted: true,
        kmsKeyId: null,
        isMultiAttach: false,
        snapshotId: '',
        createdAtMs: nowMs,
        availableAtMs: nowMs,
        attachments: [],
        modification: null,
        tags,
      });
    } else
      ec2.securityGroups.put({
        id: ec2.newId('sg'),
        name: `bellows-${installation}-${id}`,
        description: 'stray',
        vpcId: ec2.defaultVpc()?.id ?? '',
        rules: [],
        tags,
      });
    this.#log(`a stray volume or group of ${id} appears`);
  }

  #deletion(stream: Stream): void {
    const { truth, deletePool } = this.#options;
    const names = [...truth.pools.keys()];
    if (names.length > 0) deletePool(stream.pick(names));
  }

  #alive(isMeant: (instance: TrueInstance) => boolean): readonly TrueInstance[] {
    return [...this.#options.truth.instances.values()].filter((one) => !one.isEnding && isMeant(one));
  }

  #jump(stream: Stream): void {
    const { processes } = this.#options.controllers;
    if (processes.length === 0) return;
    const process = stream.pick(processes);
    process.clockOffsetMs = stream.between(-skewMaxMs, skewMaxMs);
    this.#log(`the clock of ${process.name} jumps: it is off by ${process.clockOffsetMs.toFixed(0)} ms`);
  }

  #deploy(stream: Stream): void {
    const { truth, putPool, newTemplate } = this.#options;
    if (stream.chance(0.3)) {
      this.#log('a new template version is rolled out');
      newTemplate();
      return;
    }
    const pools = [...truth.pools.values()];
    if (pools.length === 0) return;
    const { spec } = stream.pick(pools);
    const next: PoolSpec = stream.chance(0.6)
      ? { ...spec, limits: stream.chance(0.35) ? { instances: 0 } : drawLimits(stream, false) }
      : {
          ...spec,
          tasksPerNode: stream.pick([1, 2, 8, 32]),
          idleAfterMs: stream.pick([5_000, 60_000, 240_000]),
          maxNodeVcpu: stream.pick([2, 4, 8]),
        };
    this.#log(
      `pool ${spec.name} changes: `
        + `${JSON.stringify({ limits: next.limits, tasksPerNode: next.tasksPerNode, maxNodeVcpu: next.maxNodeVcpu })}`,
    );
    putPool(next);
  }

  #outage(forMs: number): void {
    const { kernel, controllers } = this.#options;
    this.#log(`OUTAGE of the whole control plane for ${(forMs / 1000).toFixed(0)} s`);
    controllers.beginOutage();
    kernel.after(forMs, () => {
      this.#log('the outage ends');
      controllers.endOutage();
    });
  }
}
