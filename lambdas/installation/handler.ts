// The installation itself, as CloudFormation sees it: its pools are declared with each deployment, and before its
// removal everything that it holds is given back. By then the rules that could start a tick are gone.
import middy from '@middy/core';
import * as z from 'zod';
import { poolBody, poolSpecOf } from '../../lib/api/pools.ts';
import { BellowsError } from '../../lib/core/errors.ts';
import type { PoolSpec } from '../../lib/core/pool.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { Compute, Instance } from '../../lib/ports/compute.ts';
import { ComputeThrottledError, ComputeUnknownError } from '../../lib/ports/compute.ts';
import type { Log } from '../../lib/ports/log.ts';

const listEveryMs = 5_000;
const declaration = poolBody.required({ name: true });

const customResourceEvent = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url(),
  StackId: z.string(), RequestId: z.string(), LogicalResourceId: z.string(),
  ResourceProperties: z.discriminatedUnion('Does', [
    z.object({ Does: z.literal('declare-pools'), Pools: z.string() }),
    z.object({ Does: z.literal('drain'), QuietSeconds: z.coerce.number().min(0).max(600), EmptyOutputs: z.enum(['true', 'false']) }),
  ]),
});

export interface CustomResourceAnswer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
}

export interface InstallationOptions {
  readonly installation: string;
  readonly declarePool: (spec: PoolSpec) => Promise<unknown>;
  readonly compute: Pick<Compute, 'describe' | 'terminate'>;
  /** Deletes all that the outputs' bucket holds. */
  readonly emptyOutputs: () => Promise<void>;
  /** Tells CloudFormation. */
  readonly answer: (url: string, answer: CustomResourceAnswer) => Promise<void>;
  readonly clock: Clock;
  /** When the drain gives up; within the function's timeout. */
  readonly drainMs: number;
  readonly log: Log;
}

/** Instances are left; the removal failed and can be tried again. */
export class DrainError extends BellowsError {
  constructor(left: readonly Instance[], seconds: number) {
    super('drain_incomplete', `${String(left.length)} instances still run after ${String(seconds)} s (${left.slice(0, 5).map((one) => `${one.id} ${one.state}`).join(', ')}); delete the stack again, or terminate them first`);
  }
}

export type InstallationHandler = (event: unknown, context: never) => Promise<CustomResourceAnswer>;

export function createInstallationHandler(options: InstallationOptions): InstallationHandler {
  const handler = middy<unknown, CustomResourceAnswer>(async (raw: unknown) => {
    const event = customResourceEvent.parse(raw);
    const same = { StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId, PhysicalResourceId: `bellows:${options.installation}:${event.ResourceProperties.Does}` };
    let answer: CustomResourceAnswer;
    try {
      answer = { ...same, Status: 'SUCCESS', Reason: await perform(options, event.RequestType === 'Delete', event.ResourceProperties) };
    } catch (error) {
      // CloudFormation must hear it, or it waits for an hour.
      options.log.write('error', `${event.RequestType} of the installation failed`, { error });
      answer = { ...same, Status: 'FAILED', Reason: error instanceof Error ? error.message.slice(0, 1000) : String(error) };
    }
    await options.answer(event.ResponseURL, answer);
    return answer;
  }).onError((request) => {
    options.log.write('error', 'an event of the installation could not be answered', { error: request.error });
  });
  return async (event, context) => handler(event, context);
}

type Wanted = z.output<typeof customResourceEvent>['ResourceProperties'];

/**
 * Two resources, because pools wake the scheduler and are therefore declared after the rules that carry wakes, and
 * the drain comes after those rules have gone, which CloudFormation does in reverse.
 */
async function perform(options: InstallationOptions, isRemoval: boolean, wanted: Wanted): Promise<string> {
  if (wanted.Does === 'declare-pools') return isRemoval ? 'pools go with their table' : declare(options, wanted.Pools);
  return isRemoval ? drain(options, wanted.QuietSeconds * 1000, wanted.EmptyOutputs === 'true') : 'there is nothing to give back yet';
}

async function declare({ declarePool }: InstallationOptions, text: string): Promise<string> {
  const pools = z.array(declaration).parse(JSON.parse(text));
  for (const { name, ...body } of pools) await declarePool(poolSpecOf(name, body));
  return `${String(pools.length)} pools declared`;
}

/**
 * Terminates what carries the installation's tag until nothing has been there for `quietMs`: a tick that was under
 * way when the rules went may still launch something.
 */
async function drain(options: InstallationOptions, quietMs: number, empty: boolean): Promise<string> {
  const { clock, drainMs, log } = options;
  const startedMs = clock.monotonicMs();
  let quietSinceMs: number | null = null;
  let given = 0;
  for (;;) {
    const alive = await listAlive(options);
    const nowMs = clock.monotonicMs();
    if (alive === null || alive.length > 0) quietSinceMs = null;
    else quietSinceMs ??= nowMs;
    if (quietSinceMs !== null && nowMs - quietSinceMs >= quietMs) break;
    if (nowMs - startedMs >= drainMs) throw new DrainError(alive ?? [], Math.round(drainMs / 1000));
    const going = (alive ?? []).filter((one) => one.state !== 'shutting-down');
    if (going.length > 0) {
      given += await giveBack(options, going);
      log.write('info', 'the drain gives instances back', { instances: going.map((one) => one.id) });
    }
    await clock.sleep(Math.min(listEveryMs, Math.max(200, quietMs / 4)));
  }
  if (empty) await options.emptyOutputs();
  return `${String(given)} instances given back`;
}

/** null: EC2 could not be asked. */
async function listAlive({ compute, installation, log }: InstallationOptions): Promise<readonly Instance[] | null> {
  try {
    return (await compute.describe({ installation })).filter((one) => one.state !== 'terminated');
  } catch (error) {
    if (!(error instanceof ComputeThrottledError || error instanceof ComputeUnknownError)) throw error;
    log.write('warn', 'EC2 could not be listed; the drain asks again', { error });
    return null;
  }
}

async function giveBack({ compute, log }: InstallationOptions, instances: readonly Instance[]): Promise<number> {
  try {
    const answer = await compute.terminate(instances.map((one) => one.id));
    for (const { id, code, message } of answer.refused) log.write('warn', 'EC2 did not accept a termination; it is asked again', { node: id, code, reason: message });
    return answer.accepted.length;
  } catch (error) {
    if (!(error instanceof ComputeThrottledError || error instanceof ComputeUnknownError)) throw error;
    log.write('warn', 'terminations have no answer yet; they are asked for again', { error });
    return 0;
  }
}
