// The cloud port of one controller process: every single call (also the four of one listing) waits in the kernel, meets
// its own faults and is written into the trace. Listings lag, as EC2's do.
import { ec2Carrier } from '../../adapters/simulated/carrier.ts';
import type { Ec2Call, Ec2Carrier } from '../../adapters/simulated/carrier.ts';
import { Ec2Error } from '../../adapters/simulated/cloud/errors.ts';
import { DirectCloud } from '../../adapters/simulated/direct-cloud.ts';
import type { World as Ec2World } from '../../adapters/simulated/ec2/world.ts';
import { tagPool } from '../../core/records/launch.ts';
import { CloudThrottledError, CloudUnknownError } from '../../ports/cloud.ts';
import type { Cloud, CloudListing, ListingScope } from '../../ports/cloud.ts';
import type { FaultDraws } from '../faults/fault-draws.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from './process.ts';
import type { Trace } from '../trace.ts';
import type { Truth } from '../truth.ts';

export interface CloudPortWorld {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly truth: Truth;
  readonly ec2: Ec2World;
  /** Launch tokens that EC2 has seen. */
  readonly usedTokens: Set<string>;
  readonly lag: ListingLag;
  /** The cloud changed or was asked: what is due there may be due at another time now. */
  readonly onCloudCall: () => void;
}

/** What an account may run out of, or be stopped for, by action: refused before EC2 knows the token. */
const accountLimits: Readonly<Record<string, string>> = {
  CreateFleet: 'PendingVerification',
  RunInstances: 'VcpuLimitExceeded',
  CreateVolume: 'VolumeLimitExceeded',
  CreateSecurityGroup: 'SecurityGroupLimitExceeded',
  StartInstances: 'VcpuLimitExceeded',
};

export function cloudOf(process: Process, world: CloudPortWorld): Cloud {
  const cloud = new DirectCloud(carrierOf(process, world));
  return new Proxy(cloud, {
    get(target, name): unknown {
      if (name === 'list') return async (scope: ListingScope) => world.lag.shown(await target.list(scope), scope);
      const value: unknown = Reflect.get(target, name, target);
      // Called on the target: private fields are not reachable through a proxy.
      return typeof value === 'function' ? (value as (...args: readonly unknown[]) => unknown).bind(target) : value;
    },
  });
}

function carrierOf(process: Process, world: CloudPortWorld): Ec2Carrier {
  const { kernel, trace, draws } = world;
  const send = ec2Carrier(world.ec2, { sleep: async () => undefined });
  return (call) => {
    const what = isWrite(call) ? `EC2 ${call.action} ${inShort(call.parameters)}` : `EC2 ${call.action}`;
    const note = (outcome: string): void => trace.write(kernel.nowMs, process.name, `${what} ${outcome}`);
    const fail = (error: Error): Error => {
      note(`FAILS: ${error.message}`);
      return error;
    };
    return process.call(what, async () => {
      if (draws.hits('computeThrottle')) throw fail(new CloudThrottledError('Request limit exceeded.'));
      if (draws.hits('computeRequestLost')) throw fail(new CloudUnknownError('no answer from EC2'));
      const lost = (): CloudUnknownError | null =>
        draws.hits('computeAnswerLost') ? new CloudUnknownError('the connection broke before the answer came') : null;
      try {
        const answer = await sendTelling(call, process, world, send);
        if (isWrite(call)) note(`-> ${idsIn(answer)}`);
        const error = lost();
        if (error) throw fail(error);
        return answer;
      } catch (error) {
        if (!(error instanceof Ec2Error)) throw error;
        if (isWrite(call)) note(`-> ${error.ec2Code}`);
        const unheard = lost();
        throw unheard ? fail(unheard) : error;
      }
    });
  };
}

/** EC2 does what is asked for, or refuses; the checkers see both sides of it. */
async function sendTelling<T>(
  call: Ec2Call<T>,
  { name }: Process,
  { truth, draws, usedTokens, onCloudCall }: CloudPortWorld,
  send: Ec2Carrier,
): Promise<T> {
  const { action, parameters } = call;
  const token = parameters['ClientToken'] ?? '';
  try {
    const limit = accountLimits[action];
    if (limit !== undefined && !usedTokens.has(token) && draws.hits('accountLimit'))
      throw new Ec2Error(limit, 'The account has no room for this.');
    if (token !== '') usedTokens.add(token);
    if (isWrite(call)) truth.tell((watcher) => watcher.ec2Call?.(action, parameters, name));
    if (action === 'TerminateInstances') tellNodes(truth, parameters, name);
    const answer = await send(call);
    if (isWrite(call)) truth.tell((watcher) => watcher.ec2Done?.(action, parameters, name));
    return answer;
  } finally {
    onCloudCall();
    // Also a refusal is EC2's last word on a token.
    if (action === 'RunInstances' || action === 'CreateFleet') truth.tell((watcher) => watcher.launchAnswered?.(token));
  }
}

function tellNodes(truth: Truth, parameters: Ec2Call<unknown>['parameters'], by: string): void {
  const ids = Object.values(parameters).filter((id) => truth.instances.get(id)?.isClaimed !== true);
  if (ids.length > 0) truth.tell((watcher) => watcher.terminateCall?.(ids, by));
}

function isWrite({ action }: Pick<Ec2Call<unknown>, 'action'>): boolean {
  return !action.startsWith('Describe');
}

/** Ids, names and the token: what a reader of the story needs. */
function inShort(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .filter(
      ([name, value]) =>
        /Id(\.\d+)?$|Name$|Token|Count|Capacity(Type)?$|InstanceType$|Size$/.test(name) || /^r-|^g-/.test(value),
    )
    .map(([, value]) => value)
    .join(' ');
}

/** Of what a call made or concerns. */
function idsIn(answer: unknown): string {
  const text = JSON.stringify(answer) ?? '';
  return [...new Set(text.match(/\b(i|vol|sg|snap)-[0-9a-f]{8,17}\b/g) ?? [])].slice(0, 6).join(' ');
}

type Listed = CloudListing['volumes' | 'snapshots' | 'groups'][number];

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

  shown(listing: CloudListing, { pool, launchId }: ListingScope): CloudListing {
    if (this.#draws.rates.describeLag === 0 || launchId !== undefined) return listing;
    return {
      instances: listing.instances,
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
