// The installation itself, as CloudFormation sees it: its pools are declared with each deployment, and before its
// removal everything that it has is released. By then the rules that could start a tick are gone.
import middy from '@middy/core';
import * as z from 'zod';
import { poolBody, poolSpecOf } from '../../lib/api/schemas/pools.ts';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import { bellsPerList } from '../../lib/ports/bells.ts';
import type { Bells } from '../../lib/ports/bells.ts';
import { drain } from '../../lib/control/sweep/drain.ts';
import type { DrainOptions } from '../../lib/control/sweep/drain.ts';

const bellsAtOnce = 16;

const declaration = poolBody.required({ name: true });

const customResourceEvent = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  ResourceProperties: z.discriminatedUnion('Does', [
    z.object({ Does: z.literal('declare-pools'), Pools: z.string() }),
    z.object({
      Does: z.literal('drain'),
      QuietSeconds: z.coerce.number().min(0).max(600),
      KeepData: z.enum(['true', 'false']),
    }),
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

export interface InstallationOptions extends DrainOptions {
  readonly declarePool: (spec: PoolSpec) => Promise<unknown>;
  /** Of nodes that are gone: the scheduler, which removes them as a rule, is gone too. */
  readonly bells: Pick<Bells, 'list' | 'close'>;
  /** With target groups nothing stays registered. Answers why something does, a sentence for each group. */
  readonly deregisterAll: () => Promise<readonly string[]>;
  /** Deletes everything in the outputs' bucket. */
  readonly emptyOutputs: () => Promise<void>;
  /** Tells CloudFormation. */
  readonly answer: (url: string, answer: CustomResourceAnswer) => Promise<void>;
}

export type InstallationHandler = (event: unknown, context: never) => Promise<CustomResourceAnswer>;

export function createInstallationHandler(options: InstallationOptions): InstallationHandler {
  const handler = middy<unknown, CustomResourceAnswer>(async (raw: unknown) => {
    const event = customResourceEvent.parse(raw);
    const same = {
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
      PhysicalResourceId: `bellows:${options.installation}:${event.ResourceProperties.Does}`,
    };
    let answer: CustomResourceAnswer;
    try {
      answer = {
        ...same,
        Status: 'SUCCESS',
        Reason: await perform(options, event.RequestType === 'Delete', event.ResourceProperties),
      };
    } catch (error) {
      // CloudFormation must hear it, or it waits for an hour.
      options.log.write('error', `${event.RequestType} of the installation failed`, { error });
      answer = {
        ...same,
        Status: 'FAILED',
        Reason: error instanceof Error ? error.message.slice(0, 1000) : String(error),
      };
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
  if (!isRemoval) return 'there is nothing to release yet';
  const keepsData = wanted.KeepData === 'true';
  const done = await drain(options, { quietMs: wanted.QuietSeconds * 1000, copiesAll: keepsData });
  const registered = await options.deregisterAll();
  await closeBells(options);
  if (!keepsData) await options.emptyOutputs();
  return [done, ...registered].join('; ');
}

/** Page by page, as many as there are; within the function's time. */
async function closeBells({ bells }: InstallationOptions): Promise<void> {
  for (;;) {
    const nodeIds = await bells.list();
    if (nodeIds.length === 0) return;
    for (let from = 0; from < nodeIds.length; from += bellsAtOnce)
      await Promise.all(nodeIds.slice(from, from + bellsAtOnce).map((nodeId) => bells.close(nodeId)));
    if (nodeIds.length < bellsPerList) return;
  }
}

async function declare({ declarePool }: InstallationOptions, text: string): Promise<string> {
  const pools = z.array(declaration).parse(JSON.parse(text));
  for (const { name, ...body } of pools) await declarePool(poolSpecOf(name, body));
  return `${String(pools.length)} pools declared`;
}
