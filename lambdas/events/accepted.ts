// RequestAccepted: the table's stream delivers the first version of each request's row. So it is published even if the
// function that accepted the request died right after its write, and the submission pays for no second write.
import * as z from 'zod';
import { acceptedEvent } from '../../lib/control/requests/accepted.ts';
import type { AnyRow } from '../../lib/core/records/claim.ts';
import type { BellowsEvent, EventSink } from '../../lib/ports/events.ts';
import type { Log } from '../../lib/ports/log.ts';
import type { Item } from '../../lib/ports/store.ts';

const streamed = z.object({
  Records: z
    .array(
      z.object({
        eventSource: z.literal('aws:dynamodb'),
        dynamodb: z.object({ NewImage: z.record(z.string(), z.unknown()).optional() }),
      }),
    )
    .min(1),
});

export interface AcceptedOptions {
  readonly events: EventSink;
  /** Reads an item as the table keeps it. */
  readonly itemOf: (image: unknown) => Item;
  readonly log: Log;
}

export type AcceptedHandler = (event: unknown) => Promise<{ readonly published: readonly string[] }>;

export function isStreamEvent(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'Records' in event;
}

/** None for what is not a new row, nor for a row that cannot be read: a retry would only delay the others. */
function eventOf(image: unknown, itemOf: AcceptedOptions['itemOf'], log: Log): readonly BellowsEvent[] {
  try {
    const item = itemOf(image);
    if (item.version !== 1 || !item.pk.startsWith('REQUEST#') || item.sk !== 'ROW') return [];
    return [acceptedEvent(item.data as AnyRow)];
  } catch (error) {
    log.write('error', 'a record of the stream cannot be read; no RequestAccepted is published of it', {
      image,
      error,
    });
    return [];
  }
}

export function createAcceptedHandler({ events, itemOf, log }: AcceptedOptions): AcceptedHandler {
  return async (event) => {
    try {
      const images = streamed.parse(event).Records.flatMap((record) => record.dynamodb.NewImage ?? []);
      // The filter of the event source lets nothing else through; a local cloud's may.
      const accepted = images.flatMap((image) => eventOf(image, itemOf, log));
      await events.publish(accepted);
      return { published: accepted.flatMap((one) => ('requestId' in one ? [one.requestId] : [])) };
    } catch (error) {
      // Rethrown, so that the stream delivers the same records again.
      log.write('error', 'RequestAccepted could not be published', { error });
      throw error;
    }
  };
}
