// PutEvents through the SDK.
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { PutEvents } from './eventbridge-bus.ts';
import { keepingConnections, sendCall } from '../sdk.ts';
import type { AwsClientOptions } from '../sdk.ts';

const defaultTimeoutMs = 5_000;

/** Events are delivered at least once anyway, so an entry that arrives twice does no harm. */
export function putEventsOf(options: AwsClientOptions): PutEvents {
  const client = new EventBridgeClient(keepingConnections(options));
  const { timeoutMs = defaultTimeoutMs } = options;
  return async (entries) => {
    const command = new PutEventsCommand({ Entries: [...entries] });
    const { Entries = [] } = await sendCall('PutEvents', timeoutMs, async (sending) => client.send(command, sending));
    // A missing answer to an entry is no yes.
    return entries.map((_, at) =>
      Entries[at]?.EventId === undefined ? (Entries[at]?.ErrorCode ?? 'no answer') : null,
    );
  };
}
