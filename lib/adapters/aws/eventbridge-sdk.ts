// PutEvents through the SDK, for functions that publish events. See eventbridge-signed.ts for those that only wake.
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { PutEvents } from './eventbridge-bus.ts';
import type { AwsClientOptions } from './json-client.ts';

export function sdkPutEvents({ region, endpoint, credentials, timeoutMs }: Omit<AwsClientOptions, 'clock'>): PutEvents {
  const client = new EventBridgeClient({
    region, ...(endpoint === undefined ? {} : { endpoint }), maxAttempts: 1,
    // Connections that AWS closed while the function slept would cost wakes.
    requestHandler: { connectionTimeout: 2_000, requestTimeout: timeoutMs ?? 5_000, throwOnRequestTimeout: true, httpAgent: { keepAlive: false }, httpsAgent: { keepAlive: false } },
    credentials: async () => {
      const { sessionToken, ...keys } = await credentials();
      return sessionToken === undefined ? keys : { ...keys, sessionToken };
    },
  });
  return async (entries) => {
    const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [...entries] }));
    // A missing answer to an entry is no yes.
    return entries.map((_, at) => (Entries[at]?.EventId === undefined ? Entries[at]?.ErrorCode ?? 'no answer' : null));
  };
}
