// The resources port of one controller process: the real adapter over the simulated EC2's Query protocol, so that every
// single call (also the four of one listing) waits in the kernel and meets its own faults. Listings lag, as EC2's do.
import { SimulatedResources } from '../../adapters/simulated/resources.ts';
import { simulatedEc2Call } from '../../adapters/simulated/ec2-call.ts';
import type { Ec2Answer, Ec2Call } from '../../adapters/simulated/ec2-call.ts';
import { errorXml } from '../../adapters/simulated/ec2/protocol/xml.ts';
import type { World as Ec2World } from '../../adapters/simulated/ec2/world.ts';
import { tagPool } from '../../core/records/launch.ts';
import { ComputeThrottledError, ComputeUnknownError } from '../../ports/compute.ts';
import type { ResourceFilter, ResourceListing, Resources } from '../../ports/resources.ts';
import type { FaultDraws } from '../faults/fault-draws.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from './process.ts';
import type { Trace } from '../trace.ts';
import type { Truth } from '../truth.ts';

export interface ClaimPorts {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly truth: Truth;
  readonly ec2: Ec2World;
  readonly usedTokens: Set<string>;
  readonly lag: ListingLag;
  readonly onCloudCall: () => void;
}

/** What an account may run out of, by action: refused before EC2 knows the token. */
const accountLimits: Readonly<Record<string, string>> = {
  RunInstances: 'VcpuLimitExceeded',
  CreateVolume: 'VolumeLimitExceeded',
  CreateSecurityGroup: 'SecurityGroupLimitExceeded',
  StartInstances: 'VcpuLimitExceeded',
};

export function resourcesOf(process: Process, world: ClaimPorts): Resources {
  const resources = new SimulatedResources(callOf(process, world));
  return new Proxy(resources, {
    get(target, name): unknown {
      if (name === 'list') return async (filter: ResourceFilter) => world.lag.shown(await target.list(filter), filter);
      const value: unknown = Reflect.get(target, name, target);
      // Called on the target: private fields are not reachable through a proxy.
      return typeof value === 'function' ? (value as (...args: readonly unknown[]) => unknown).bind(target) : value;
    },
  });
}

function callOf(process: Process, { kernel, trace, draws, truth, ec2, usedTokens, onCloudCall }: ClaimPorts): Ec2Call {
  const send = simulatedEc2Call(ec2, { sleep: async () => undefined });
  return (action, parameters) => {
    const isWrite = !action.startsWith('Describe');
    const what = isWrite ? `EC2 ${action} ${told(parameters)}` : `EC2 ${action}`;
    const fail = (error: Error): Error => {
      trace.write(kernel.nowMs, process.name, `${what} FAILS: ${error.message}`);
      return error;
    };
    return process.call(what, async () => {
      if (draws.hits('computeThrottle')) throw fail(new ComputeThrottledError('Request limit exceeded.'));
      if (draws.hits('computeRequestLost')) throw fail(new ComputeUnknownError('no answer from EC2'));
      const token = parameters['ClientToken'] ?? '';
      const limit = accountLimits[action];
      let answer: Ec2Answer;
      if (limit !== undefined && !usedTokens.has(token) && draws.hits('accountLimit')) {
        answer = { status: 400, xml: errorXml('simulated', limit, 'The account has no room for this.').toString() };
      } else {
        if (token !== '') usedTokens.add(token);
        if (isWrite) truth.tell((watcher) => watcher.ec2Call?.(action, parameters, process.name));
        answer = await send(action, parameters);
        if (isWrite && answer.status === 200)
          truth.tell((watcher) => watcher.ec2Done?.(action, parameters, process.name));
        onCloudCall();
      }
      if (action === 'RunInstances') truth.tell((watcher) => watcher.launchAnswered?.(token));
      if (isWrite)
        trace.write(
          kernel.nowMs,
          process.name,
          `${what} -> `
            + `${answer.status === 200 ? idsIn(answer.xml) : (/<Code>([^<]*)/.exec(answer.xml)?.[1] ?? 'an error')}`,
        );
      if (draws.hits('computeAnswerLost'))
        throw fail(new ComputeUnknownError('the connection broke before the answer came'));
      return answer;
    });
  };
}

/** Ids, names and the token: what a reader of the story needs. */
function told(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .filter(([name, value]) => /Id(\.\d+)?$|Name$|Token|Count|InstanceType$|Size$/.test(name) || /^r-|^g-/.test(value))
    .map(([, value]) => value)
    .join(' ');
}

function idsIn(xml: string): string {
  return [...new Set(xml.match(/\b(i|vol|sg|snap)-[0-9a-f]{8,17}\b/g) ?? [])].slice(0, 6).join(' ');
}

type Listed = ResourceListing['volumes' | 'snapshots' | 'groups'][number];

/**
 * Volumes, snapshots and groups show late, in an older state, or after their end; instances lag
 * in the cloud itself.
 */
export class ListingLag {
  readonly #draws: FaultDraws;
  readonly #nowMs: () => number;
  readonly #visibleAtMs = new Map<string, number>();
  readonly #before = new Map<string, { readonly listed: Listed; readonly atMs: number }>();

  constructor(draws: FaultDraws, nowMs: () => number) {
    this.#draws = draws;
    this.#nowMs = nowMs;
  }

  shown(listing: ResourceListing, { pool, launchId }: ResourceFilter): ResourceListing {
    if (this.#draws.rates.describeLag === 0 || launchId !== undefined) return listing;
    return {
      machines: listing.machines,
      volumes: this.#lagging('vol-', pool, listing.volumes),
      snapshots: this.#lagging('snap-', pool, listing.snapshots),
      groups: this.#lagging('sg-', pool, listing.groups),
    };
  }

  #lagging<T extends Listed>(prefix: string, pool: string | undefined, all: readonly T[]): readonly T[] {
    const nowMs = this.#nowMs();
    const lagMs = this.#draws.isCalm ? 0 : this.#draws.rates.describeLag * 1000;
    const stream = this.#draws.of('describeLag');
    const shown: T[] = [];
    const ids = new Set<string>();
    for (const one of all) {
      ids.add(one.id);
      const visibleAtMs = this.#visibleAtMs.get(one.id) ?? nowMs + stream.between(0, lagMs);
      this.#visibleAtMs.set(one.id, visibleAtMs);
      if (visibleAtMs > nowMs && lagMs > 0) continue;
      const before = this.#before.get(one.id);
      if (before && nowMs - before.atMs < lagMs && stream.chance(0.3)) shown.push(before.listed as T);
      else {
        shown.push(one);
        this.#before.set(one.id, { listed: one, atMs: nowMs });
      }
    }
    for (const [id, { listed, atMs }] of this.#before) {
      if (!id.startsWith(prefix) || ids.has(id) || (pool !== undefined && listed.tags[tagPool] !== pool)) continue;
      if (nowMs - atMs >= lagMs) this.#before.delete(id);
      else if (stream.chance(0.3)) shown.push(listed as T);
    }
    return shown;
  }
}
