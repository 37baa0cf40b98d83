// Launches of nodes: CreateFleet, and a document for each instance that it made.
import { assert } from '../../core/values/errors.ts';
import type { NodeLaunch } from '../../core/records/launch.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import { newNode } from '../../core/records/node.ts';
import type { Write } from '../../ports/store.ts';
import { nodeFields } from '../store/activity.ts';
import { keys } from '../store/keys.ts';
import type { ControlPorts } from '../ports.ts';
import type { HandOut, LaunchContext, LaunchKind, MadeInstance } from './launch-kind.ts';

export function nodeLaunchKind({ ports, settings }: LaunchContext): LaunchKind<NodeLaunch, MadeInstance> {
  return {
    send: async ({ id, request }) => {
      const { instances, faults, isReplay } = await ports.cloud.launchFleet(id, request);
      return { made: instances, faults, isReplay };
    },
    isWhole: ({ request }, { made, isReplay }) => isReplay !== true || made.length >= request.count,
    list: async ({ id, pool }) => {
      const scope = { installation: settings.installation, pool, launchId: id, things: 'instances' } as const;
      return (await ports.cloud.list(scope)).instances.filter((one) => one.state !== 'terminated');
    },
    asked: ({ request }) => request.overrides,
    faultOf: (_, refusal) => refusal.fault,
    handOut: (launch, made) => handOutNodes(ports, launch, made),
    // Tasks wait for no launch in particular: they read the pool's memory of refusals.
    noteRefusal: () => Promise.resolve(),
  };
}

/** The reservation passes from the launch to its nodes. */
async function handOutNodes(ports: ControlPorts, launch: NodeLaunch, made: readonly MadeInstance[]): Promise<HandOut> {
  const nodes: NodeRecord[] = [];
  for (const instance of made) nodes.push(await nodeOf(ports, launch, instance));
  const [only] = nodes.length === 1 ? nodes : [];
  return {
    documents: [],
    writes: nodes.map((node): Write => ({
      op: 'put',
      item: { ...keys.node(node.pool, node.id), data: node },
      condition: 'absent',
    })),
    events: nodes.map(({ id, pool, instanceType, zone, capacityType, priceUsdPerHour, createdAtMs }) => ({
      type: 'NodeLaunched',
      nodeId: id,
      pool,
      instanceType,
      zone,
      capacityType,
      priceUsdPerHour,
      atMs: createdAtMs,
    })),
    nodes: nodes.length,
    activity: { code: 'launch', ...(only ? nodeFields(only) : {}) },
  };
}

async function nodeOf(ports: ControlPorts, launch: NodeLaunch, instance: MadeInstance): Promise<NodeRecord> {
  const type = await ports.catalog.instanceType(instance.instanceType);
  assert(type, `EC2 answered the type ${instance.instanceType}, which the catalog lacks though the launch named it`);
  const override =
    launch.request.overrides.find((one) => one.instanceType === instance.instanceType && one.zone === instance.zone)
    ?? launch.request.overrides.find((one) => one.instanceType === instance.instanceType);
  const priceUsdPerHour = override?.priceUsdPerHour ?? type.onDemandUsdPerHour ?? 0;
  return newNode(launch, { ...instance, priceUsdPerHour }, type, ports.clock.nowMs());
}
