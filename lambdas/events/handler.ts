// What EC2 says about instances, through EventBridge: each event only wakes the pool early, and an
// interruption warning also carries the deadline of the drain.
import middy from '@middy/core';
import * as z from 'zod';
import type { EventUseCases, InstanceEvent } from '../../lib/control/use-cases.ts';
import type { Log } from '../../lib/ports/log.ts';

/** EC2 warns of a spot interruption this long before it takes the instance. */
const interruptionNoticeMs = 120_000;

const instance = z.object({ 'instance-id': z.string().min(1) });
const envelope = { source: z.literal('aws.ec2'), time: z.iso.datetime({ offset: true }) };

const ec2Event = z.discriminatedUnion('detail-type', [
  z.object({ ...envelope, 'detail-type': z.literal('EC2 Instance State-change Notification'), detail: instance }),
  z.object({ ...envelope, 'detail-type': z.literal('EC2 Spot Instance Interruption Warning'), detail: instance }),
  z.object({ ...envelope, 'detail-type': z.literal('EC2 Instance Rebalance Recommendation'), detail: instance }),
]);
type Ec2Event = z.output<typeof ec2Event>;

const kinds: Record<Ec2Event['detail-type'], InstanceEvent['kind']> = {
  'EC2 Instance State-change Notification': 'state-change',
  'EC2 Spot Instance Interruption Warning': 'interruption-warning',
  'EC2 Instance Rebalance Recommendation': 'rebalance-recommendation',
};

export interface EventsOptions {
  readonly useCases: EventUseCases;
  /** EC2's events carry no tags: the pool of an instance; null when it is not of this installation. */
  readonly poolOf: (instanceId: string) => Promise<string | null>;
  readonly log: Log;
}

export type EventsResult = { readonly handled: InstanceEvent } | { readonly ignored: string };
export type EventsHandler = (event: unknown, context: never) => Promise<EventsResult>;

export function createEventsHandler({ useCases, poolOf, log }: EventsOptions): EventsHandler {
  const handler = middy<unknown, EventsResult>(async (raw: unknown) => {
    const event = ec2Event.parse(raw);
    const instanceId = event.detail['instance-id'];
    const pool = await poolOf(instanceId);
    // Rules on the account's bus see every instance of the account, also those of others.
    if (pool === null) return { ignored: instanceId };
    const kind = kinds[event['detail-type']];
    const sentAtMs = Date.parse(event.time);
    const handled: InstanceEvent = { kind, instanceId, pool, atMs: kind === 'interruption-warning' ? sentAtMs + interruptionNoticeMs : sentAtMs };
    await useCases.handleInstanceEvent(handled);
    return { handled };
  }).onError((request) => {
    // Not answered: the error stays, so that EventBridge delivers the event again.
    log.write('error', 'an EC2 event failed', { error: request.error });
  });
  return async (event, context) => handler(event, context);
}
