// The event of a request that was accepted: made from the row as its submission wrote it.
import type { AnyRow } from '../../core/records/claim.ts';
import { namedOf } from '../../core/records/request.ts';
import type { BellowsEvent } from '../../ports/events.ts';
import { withinMs } from './call-timeout.ts';
import { outboxWrites } from '../tick/outbox.ts';
import type { ControlPorts } from '../ports.ts';
import type { ApplicationUseCases, SubmitResult } from '../use-cases.ts';
import { raiseWake } from '../coordination/wake.ts';
import { transact } from '../store/store-retry.ts';

const publishingMs = 2_000;

export function acceptedEvent(request: AnyRow): BellowsEvent {
  return {
    type: 'RequestAccepted',
    requestId: request.id,
    requestType: request.spec.type,
    pool: request.pool,
    tenant: request.tenant,
    ...namedOf(request.spec),
    count: request.spec.count,
    atMs: request.createdAtMs,
  };
}

/**
 * Where no stream publishes: by whoever accepted it, right after the write; what cannot be published enters the
 * outbox, and the request stays accepted. A crash in between loses the event, so only for a laptop.
 */
export function publishingAccepted(useCases: ApplicationUseCases, ports: ControlPorts): ApplicationUseCases {
  const publish = async (results: readonly (SubmitResult | Error)[]): Promise<void> => {
    const events = results.flatMap((one) => (one instanceof Error || one.isRepeat ? [] : [acceptedEvent(one.request)]));
    if (events.length === 0) return;
    try {
      await withinMs(ports.clock, 'the event bus', publishingMs, ports.events.publish(events));
    } catch (error) {
      ports.log.write('warn', 'accepted requests could not be published; their events wait in the outbox', {
        requests: events.length,
        error,
      });
      for (const pool of new Set(events.map((event) => event.pool))) {
        for (const write of outboxWrites(
          ports,
          pool,
          events.filter((event) => event.pool === pool),
        ))
          await transact(ports, [write]);
        await raiseWake(ports, pool);
      }
    }
  };
  return {
    ...useCases,
    submit: async (submission) => {
      const result = await useCases.submit(submission);
      await publish([result]);
      return result;
    },
    submitBatch: async (submissions) => {
      const results = await useCases.submitBatch(submissions);
      await publish(results);
      return results;
    },
  };
}
