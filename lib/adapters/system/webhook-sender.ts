// Sends events to addresses that users name: one POST over a connection of its own. The name is looked up here, and
// each of its addresses is judged before the connection, so that no name can lead to where none may go.
import { lookup } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { WebhookSender } from '../../ports/events.ts';

export interface WebhookSenderOptions {
  /** Whether this address may be called. */
  readonly mayConnect: (address: string) => boolean;
  /** For the whole call. */
  readonly timeoutMs?: number;
}

interface Address {
  readonly address: string;
  readonly family: number;
}

export function createWebhookSender({ mayConnect, timeoutMs = 10_000 }: WebhookSenderOptions): WebhookSender {
  return {
    send: async ({ url, headers, body }) => {
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const target = new URL(url);
        const address = await addressOf(target, mayConnect, signal);
        return { status: await post(target, address, { headers, body, signal }) };
      } catch (error) {
        return { error: signal.aborted ? `no answer within ${String(timeoutMs / 1000)} s` : messageOf(error) };
      }
    },
  };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A name with several addresses: each attempt has its own error.
  return error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : error.message;
}

/** The first that may be called. @throws Error when the name has none */
async function addressOf(
  { hostname }: URL,
  mayConnect: (address: string) => boolean,
  signal: AbortSignal,
): Promise<Address> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(host);
  const all: readonly Address[] =
    family === 0 ? await Promise.race([lookup(host, { all: true }), whenAborted(signal)]) : [{ address: host, family }];
  const found = all.find(({ address }) => mayConnect(address));
  if (!found)
    throw new Error(
      `${host} has no address that may be called: ${all.map(({ address }) => address).join(', ')} is link-local, `
        + 'private or reserved',
    );
  return found;
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('timed out'));
    });
  });
}

function post(
  url: URL,
  { address, family }: Address,
  {
    headers,
    body,
    signal,
  }: { readonly headers: Readonly<Record<string, string>>; readonly body: string; readonly signal: AbortSignal },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const call = send(
      url,
      {
        method: 'POST',
        agent: false,
        signal,
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(body)),
          'user-agent': 'bellows-webhooks',
        },
        // The address that was judged, whatever the name stands for by now.
        lookup: (_host, options, done) => {
          if (options.all === true) done(null, [{ address, family }]);
          else done(null, address, family);
        },
      },
      (answer) => {
        // What it says is of no interest, and may be endless.
        answer.destroy();
        resolve(answer.statusCode ?? 0);
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}
