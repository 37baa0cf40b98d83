// What subscribers are told of a request that was accepted: from the row as its submission wrote it.
import type { AnyRequest } from '../core/holds/hold.ts';
import type { BellowsEvent, EventSink } from '../ports/events.ts';
import type { ApplicationUseCases, SubmitResult } from './use-cases.ts';

export function acceptedEvent(request: AnyRequest): BellowsEvent {
  return {
    type: 'RequestAccepted', requestId: request.id, requestType: request.spec.type, pool: request.pool, tenant: request.tenant,
    count: request.spec.count, atMs: request.createdAtMs,
  };
}

/** Where no stream tells: by whoever accepted it, right after the write. A crash in between loses it, so only for a laptop. */
export function tellingAccepted(useCases: ApplicationUseCases, events: EventSink): ApplicationUseCases {
  const tell = async (results: readonly (SubmitResult | Error)[]): Promise<void> => {
    await events.publish(results.flatMap((one) => (one instanceof Error || one.isRepeat ? [] : [acceptedEvent(one.request)])));
  };
  return {
    ...useCases,
    submit: async (submission) => {
      const result = await useCases.submit(submission);
      await tell([result]);
      return result;
    },
    submitBatch: async (submissions) => {
      const results = await useCases.submitBatch(submissions);
      await tell(results);
      return results;
    },
  };
}
