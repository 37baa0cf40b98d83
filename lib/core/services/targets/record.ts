// What is registered of one service with one target group of Elastic Load Balancing: a record of its own, written
// before each call. Whatever becomes of the call or of its answer, the next tick knows what may be there.

/** Of one service. */
export const targetGroupsMax = 5;
/** In one record, with those that are being removed: so that it fits into one item of the store. */
export const targetsMax = 2_500;
/** A call may have its effect so much later: until then what was removed is remembered, and then looked for again. */
export const removedKeptMs = 15 * 60_000;

/** The group that replicas of a service are registered with, and by which of their ports. */
export interface TargetGroupUse {
  readonly arn: string;
  /** The name of a port of the template. */
  readonly port: string;
}

/** What Elastic Load Balancing calls TargetType, of those that can have replicas. */
export type TargetKind = 'ip' | 'instance';

/** TargetHealthStateEnum of Elastic Load Balancing. */
export type TargetHealthState =
  'initial' | 'healthy' | 'unhealthy' | 'unhealthy.draining' | 'unused' | 'draining' | 'unavailable';

export interface TargetHealth {
  readonly state: TargetHealthState;
  /** E.g. `Target.Timeout`; null: it gives none. */
  readonly reason: string | null;
}

/**
 * adding -> added -> removing -> removed -> (forgotten)
 * `adding`: to be registered; a call may be under way. `added`: registered, as a call answered or a look showed.
 * `removing`: to be deregistered. `removed`: deregistered, and remembered until a look long after shows so. What is
 * wanted again goes to `adding` from any of the last two, and what is not wanted to `removing` from the first two. What
 * was removed and is there again is removed once more: a call came late. After that it is left alone: its address may
 * be another pool's by now, or anybody's.
 */
export interface Target {
  readonly state: 'adding' | 'added' | 'removing' | 'removed';
  /** Since when it is in this state. */
  readonly atMs: number;
  /** Deregistered a second time, since it was there again: whoever registers it after that is somebody else. */
  readonly isAgain?: true;
  /** As last looked at; absent: not yet. */
  readonly health?: TargetHealth & { readonly sinceMs: number };
}

export type TargetCall = 'describe' | 'register' | 'deregister' | 'health';

/** Why calls of one kind fail. */
export interface TargetTrouble {
  readonly code: string;
  readonly message: string;
  readonly sinceMs: number;
  /** In a row. */
  readonly failures: number;
  readonly nextTryAtMs: number;
}

export interface TargetFacts {
  readonly kind: TargetKind;
  /** The group's deregistration delay. */
  readonly delayMs: number;
  readonly atMs: number;
}

export interface GroupTargets {
  readonly pool: string;
  readonly tenant: string;
  /** The service's name, and its id. */
  readonly name: string;
  readonly service: string;
  readonly arn: string;
  /** null: nobody has said yet. */
  readonly facts: TargetFacts | null;
  /** By ID:PORT, the ID an address or an instance's. */
  readonly targets: Readonly<Record<string, Target>>;
  readonly lookedAtMs: number | null;
  readonly troubles: Readonly<Partial<Record<TargetCall, TargetTrouble>>>;
}

/** Something is registered, or a call that would do so may have been made. */
export function mayBeRegistered({ targets }: Pick<GroupTargets, 'targets'>): boolean {
  return Object.values(targets).some((one) => one.state !== 'removed');
}

export function targetKey(id: string, port: number): string {
  return `${id}:${String(port)}`;
}

export function targetOf(key: string): { readonly id: string; readonly port: number } {
  const at = key.lastIndexOf(':');
  return { id: key.slice(0, at), port: Number(key.slice(at + 1)) };
}
