// What applications ask to hold in a run: machines, storage and networks, alone and together, and what
// they change about them later. Drawn from streams of its own, so that the tasks of a seed are the same
// with and without it.
import type { MachineSpec, StorageSpec } from '../../core/records/claim.ts';
import type { NetworkRule, NetworkWish } from '../../core/records/security-group.ts';
import type { VolumeNeeds, VolumeWish } from '../../core/records/volume.ts';
import type { ClaimSpec } from '../../core/records/claim.ts';
import type { PoolLimits, PoolSpec } from '../../core/records/pool.ts';
import type { Stream, Streams } from '../random.ts';
import { withCommitments, withReservation } from './commitments.ts';
import { drawLimits } from './workload.ts';
import type { Size, Workload } from './workload.ts';
import { unknownKeyName } from '../checkers/tasks/placeable.ts';

/** Changes of one request, so long after its acceptance. */
export type PlannedChange = { readonly afterMs: number } & (
  | { readonly kind: 'renew' }
  | { readonly kind: 'power'; readonly power: 'running' | 'stopped' }
  | { readonly kind: 'resize'; readonly needs: Partial<VolumeNeeds> }
  | { readonly kind: 'detach' }
  | { readonly kind: 'rules'; readonly rules: Pick<NetworkWish, 'ingress' | 'egress'> }
  /** The machine, by its position in the plan. */
  | { readonly kind: 'attach'; readonly machine: number }
);

export interface PlannedClaim {
  readonly at: number;
  readonly tenant: string;
  readonly key: string | null;
  readonly pool: string | null;
  /** Without its references to other requests of the plan, whose ids are known only once they were accepted. */
  readonly spec: ClaimSpec;
  readonly refs: {
    readonly volumes: readonly number[];
    readonly networks: readonly number[];
    readonly attachTo: number | null;
    readonly ruleSource: number | null;
  };
  readonly repeatsAfterMs: readonly number[];
  readonly changes: readonly PlannedChange[];
  readonly cancelAfterMs: number | null;
}

const claimTypes = ['virtual_machine', 'storage', 'network'] as const;
const sizes: Readonly<Record<Size, readonly [number, number]>> = {
  tiny: [1, 8],
  small: [4, 20],
  medium: [10, 40],
  large: [30, 60],
};
const noRefs: PlannedClaim['refs'] = { volumes: [], networks: [], attachTo: null, ruleSource: null };

/** Some pools of the tasks hold things as well, and one pool does nothing else. */
export function drawClaimPools(streams: Streams, { pools, busyMs }: Workload): readonly PoolSpec[] {
  const stream = streams.named('held pools');
  const [paid, reserved] = [streams.named('held commitments'), streams.named('held reservations')];
  const [first] = pools;
  if (!first) return pools;
  const mixed = pools.map((pool) =>
    stream.chance(0.4)
      ? { ...pool, limits: { ...pool.limits, ...drawVolumeLimits(stream) }, accepts: [...pool.accepts, ...claimTypes] }
      : pool,
  );
  const claimed: PoolSpec = {
    ...first,
    name: 'held',
    requirements: {
      instanceFamily: ['c6i', 'm6i'],
      ...(stream.chance(0.3) ? { zone: ['us-east-1a', 'us-east-1b'] } : {}),
    },
    limits: stream.chance(0.5) ? {} : { ...drawLimits(stream, false), ...drawVolumeLimits(stream) },
    maxNodeVcpu: 8,
    priority: stream.integer(-1, 1),
    accepts: [...claimTypes],
    ...(stream.chance(0.35)
      ? {
          warm: {
            running: stream.integer(0, 2),
            stopped: stream.integer(0, 2),
            needs: { vcpu: 2, memoryMib: 1_024, gpu: 0, arch: null },
            requirements: {},
            imageId: null,
          },
        }
      : {}),
  };
  // What another pool has is not paid for a second time.
  const { commitments: _others, ...plain } = claimed;
  return [...mixed, withReservation(reserved, withCommitments(paid, plain, busyMs), busyMs)];
}

function drawVolumeLimits(stream: Stream): PoolLimits {
  return {
    ...(stream.chance(0.4) ? { volumeGib: stream.integer(50, 800) } : {}),
    ...(stream.chance(0.2) ? { usdPerMonth: stream.integer(5, 60) } : {}),
  };
}

export function drawClaims(
  streams: Streams,
  size: Size,
  pools: readonly PoolSpec[],
  busyMs: number,
): readonly PlannedClaim[] {
  const stream = streams.named('holds');
  const able = pools.filter((pool) => pool.accepts.includes('storage'));
  const bursts = Array.from({ length: stream.integer(1, 3) }, () => stream.between(0, busyMs * 0.7));
  const plans: PlannedClaim[] = [];
  const count = stream.integer(...sizes[size]);
  for (let at = 0; at < count; at += 1)
    plans.push(drawClaim(streams.named(`held ${String(at)}`), at, plans, able, busyMs, bursts));
  return plans;
}

function drawClaim(
  stream: Stream,
  at: number,
  before: readonly PlannedClaim[],
  pools: readonly PoolSpec[],
  busyMs: number,
  bursts: readonly number[],
): PlannedClaim {
  const type = stream.pick([
    'virtual_machine',
    'virtual_machine',
    'virtual_machine',
    'storage',
    'storage',
    'network',
  ] as const);
  const tenant = stream.pick(['anna', 'bruno']);
  const mine = (wanted: ClaimSpec['type']): readonly number[] =>
    before.flatMap((one, n) => (one.tenant === tenant && one.spec.type === wanted ? [n] : []));
  const some = (wanted: ClaimSpec['type'], chance: number): readonly number[] =>
    mine(wanted).length > 0 && stream.chance(chance) ? [stream.pick(mine(wanted))] : [];
  const key = stream.chance(0.85) ? `held-${String(at)}` : null;
  const base = {
    count: 1,
    leaseMs: stream.chance(0.3) ? Math.round(stream.logBetween(20_000, 1_200_000)) : null,
    deadlineMs: stream.chance(0.1) ? Math.round(stream.logBetween(30_000, 1_800_000)) : null,
    requirements: {},
  };
  const arrivesAt = stream.chance(0.6)
    ? stream.pick(bursts) + stream.between(0, 15_000)
    : stream.between(0, busyMs * 0.8);
  const common = {
    at: Math.round(Math.min(arrivesAt, busyMs)),
    tenant,
    key,
    pool: stream.chance(0.8) ? stream.pick(pools).name : null,
    repeatsAfterMs: key !== null && stream.chance(0.25) ? [Math.round(stream.logBetween(20, 900_000))] : [],
    cancelAfterMs: stream.chance(0.6) ? Math.round(stream.logBetween(50, 1_500_000)) : null,
  };
  switch (type) {
    case 'virtual_machine': {
      const volumes = some('storage', 0.3);
      const networks = some('network', 0.3);
      return {
        ...common,
        spec: drawMachine(stream, base, volumes.length > 0),
        refs: { ...noRefs, volumes, networks },
        changes: drawChanges(stream, ['renew', 'power', 'rules']),
      };
    }
    case 'storage': {
      const [attachTo = null] = some('virtual_machine', 0.4);
      const spec: StorageSpec = {
        ...base,
        type,
        volume: drawVolume(stream),
        zone: stream.chance(0.2) ? stream.pick(['us-east-1a', 'us-east-1b']) : null,
        attachTo: null,
      };
      const [machine] = some('virtual_machine', 0.3);
      const attach: PlannedChange[] =
        machine === undefined
          ? []
          : [{ kind: 'attach', machine, afterMs: Math.round(stream.logBetween(5_000, 900_000)) }];
      return {
        ...common,
        spec,
        refs: { ...noRefs, attachTo },
        changes: [...drawChanges(stream, ['renew', 'resize', 'detach']), ...attach],
      };
    }
    case 'network': {
      const [ruleSource = null] = some('network', 0.3);
      return {
        ...common,
        spec: { ...base, type, network: drawNetwork(stream) },
        refs: { ...noRefs, ruleSource },
        changes: drawChanges(stream, ['renew', 'rules', 'rules']),
      };
    }
  }
}

function drawMachine(
  stream: Stream,
  base: Pick<MachineSpec, 'count' | 'leaseMs' | 'deadlineMs' | 'requirements'>,
  isAlone: boolean,
): MachineSpec {
  return {
    ...base,
    type: 'virtual_machine',
    count: !isAlone && stream.chance(0.25) ? stream.integer(2, 3) : 1,
    needs: { vcpu: stream.pick([1, 2, 2, 4]), memoryMib: stream.pick([1_024, 4_096]), gpu: 0, arch: null },
    capacityType: stream.chance(0.75) ? 'on-demand' : 'spot',
    subnetId: null,
    imageId: null,
    userData: null,
    // EC2 knows no such key pair: a refusal that rolls everything back.
    keyName: stream.chance(0.05) ? unknownKeyName : null,
    instanceProfile: null,
    volumes: Array.from({ length: stream.pick([0, 0, 1, 1, 2]) }, () => drawVolume(stream)),
    network: stream.chance(0.5) ? drawNetwork(stream) : null,
    volumeRequests: [],
    networkRequests: [],
  };
}

function drawVolume(stream: Stream): VolumeWish {
  return {
    sizeGib: stream.pick([8, 20, 20, 100, 200]),
    iops: 3_000,
    throughputMibps: null,
    volumeType: null,
    snapshotId: stream.chance(0.03) ? 'snap-0123456789abcdef0' : null,
    strategy: stream.pick(['cheapest', 'reuse-first', 'performance'] as const),
    onRelease: stream.pick(['delete', 'delete', 'snapshot', 'keep'] as const),
    keepMs: Math.round(stream.logBetween(5_000, 900_000)),
  };
}

function drawNetwork(stream: Stream): NetworkWish {
  const rule = (fromPort: number, cidr: string): NetworkRule => ({
    protocol: 'tcp',
    fromPort,
    toPort: fromPort,
    cidr,
    request: null,
  });
  return {
    ingress: stream.pick([[rule(22, '10.0.0.0/8')], [rule(22, '10.0.0.0/8'), rule(443, '0.0.0.0/0')], []]),
    egress: stream.chance(0.3) ? [rule(443, '0.0.0.0/0')] : null,
    sharing: stream.chance(0.7) ? 'share' : 'dedicated',
    allowPublic: true,
  };
}

function drawChanges(
  stream: Stream,
  kinds: readonly ('renew' | 'power' | 'resize' | 'detach' | 'rules')[],
): PlannedChange[] {
  if (!stream.chance(0.5)) return [];
  return Array.from({ length: stream.integer(1, 3) }, (): PlannedChange => {
    const afterMs = Math.round(stream.logBetween(5_000, 1_200_000));
    switch (stream.pick(kinds)) {
      case 'renew':
        return { kind: 'renew', afterMs };
      case 'detach':
        return { kind: 'detach', afterMs };
      case 'rules': {
        const { ingress, egress } = drawNetwork(stream);
        return { kind: 'rules', rules: { ingress, egress }, afterMs };
      }
      case 'power':
        return { kind: 'power', power: stream.pick(['stopped', 'running'] as const), afterMs };
      case 'resize':
        return {
          kind: 'resize',
          needs: stream.chance(0.7) ? { sizeGib: stream.pick([50, 150, 300]) } : { iops: stream.pick([4_000, 6_000]) },
          afterMs,
        };
    }
  });
}

/** The spec with the ids of those requests that were accepted; what is not known by then is left out. */
export function withReferences({ spec, refs }: PlannedClaim, idOf: (at: number) => string | null): ClaimSpec {
  const ids = (all: readonly number[]): readonly string[] => all.flatMap((at) => idOf(at) ?? []);
  switch (spec.type) {
    case 'virtual_machine':
      return { ...spec, volumeRequests: ids(refs.volumes), networkRequests: ids(refs.networks) };
    case 'storage':
      return { ...spec, attachTo: refs.attachTo === null ? null : idOf(refs.attachTo) };
    case 'network': {
      const request = refs.ruleSource === null ? null : idOf(refs.ruleSource);
      if (request === null) return spec;
      return {
        ...spec,
        network: {
          ...spec.network,
          ingress: [...spec.network.ingress, { protocol: 'tcp', fromPort: 5432, toPort: 5432, cidr: null, request }],
        },
      };
    }
  }
}
