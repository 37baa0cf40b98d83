// What AWS says about instances and alarms, through EventBridge: an event wakes its pool early; what is about
// to take an instance also drains its node, and an alarm moves the headroom floor of the pools that name it.
import middy from '@middy/core';
import type { EventUseCases, InstanceEvent } from '../../lib/control/use-cases.ts';
import type { AlarmEvent } from '../../lib/core/scaling/alarms.ts';
import type { Log } from '../../lib/ports/log.ts';
import { awsMessage, instanceEventsOf } from './messages.ts';
import type { AlarmMessage } from './messages.ts';

export interface EventsOptions {
  readonly useCases: EventUseCases;
  /** EC2's events carry no tags: the pool of an instance; null when it is not of this installation. */
  readonly poolOf: (instanceId: string) => Promise<string | null>;
  readonly log: Log;
}

export interface EventsResult {
  readonly handled: readonly InstanceEvent[];
  /** Pools that heard of an alarm. */
  readonly alarmed: readonly string[];
  /** Instances and alarms of somebody else: rules on the account's bus see them all. */
  readonly ignored: readonly string[];
}
export type EventsHandler = (event: unknown, context: never) => Promise<EventsResult>;

export function createEventsHandler(options: EventsOptions): EventsHandler {
  const handler = middy<unknown, EventsResult>(async (raw: unknown) => {
    const message = awsMessage.parse(raw);
    return message['detail-type'] === 'CloudWatch Alarm State Change'
      ? serveAlarm(options, message)
      : serveInstances(options, instanceEventsOf(message));
  }).onError((request) => {
    // Not answered: the error stays, so that EventBridge delivers the event again.
    options.log.write('error', 'an event of AWS failed', { error: request.error });
  });
  return async (event, context) => handler(event, context);
}

async function serveAlarm({ useCases }: EventsOptions, { detail }: AlarmMessage): Promise<EventsResult> {
  const { alarmName, state, previousState } = detail;
  const event: AlarmEvent = {
    alarmName,
    state: state.value,
    previousState: previousState?.value ?? null,
    reason: state.reason,
    ...(state.beyond === undefined ? {} : { beyond: state.beyond }),
    atMs: state.timestamp,
  };
  const alarmed = await useCases.handleAlarmEvent(event);
  return { handled: [], alarmed, ignored: alarmed.length === 0 ? [alarmName] : [] };
}

async function serveInstances(
  { useCases, poolOf }: EventsOptions,
  events: readonly Omit<InstanceEvent, 'pool'>[],
): Promise<EventsResult> {
  const handled: InstanceEvent[] = [];
  const ignored: string[] = [];
  for (const event of events) {
    const pool = await poolOf(event.instanceId);
    if (pool === null) {
      ignored.push(event.instanceId);
      continue;
    }
    const known: InstanceEvent = { ...event, pool };
    await useCases.handleInstanceEvent(known);
    handled.push(known);
  }
  return { handled, alarmed: [], ignored };
}
