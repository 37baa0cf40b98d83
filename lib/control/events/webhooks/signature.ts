// Signatures of Standard Webhooks 1.0 (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md): the
// receiver has the secret, and signs `id.timestamp.body` again.
import { createHash, createHmac } from 'node:crypto';
import type { Random } from '../../../ports/random.ts';

const prefix = 'whsec_';

/** 32 bytes; each id of the port has 80 random bits or more. */
export function newSecret(random: Random): string {
  const ids = [random.id(), random.id(), random.id(), random.id()];
  return `${prefix}${createHash('sha256').update(ids.join('.')).digest('base64')}`;
}

/**
 * `v1,` and the base64 text of the HMAC-SHA256, one for each secret, separated by blanks: while secrets rotate a
 * receiver has one or the other. `atMs`: of this attempt; the header has whole seconds.
 */
export function signatureHeaders(
  secrets: readonly string[],
  { id, atMs, body }: { readonly id: string; readonly atMs: number; readonly body: string },
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const timestamp = String(Math.floor(atMs / 1000));
  const sign = (secret: string): string =>
    createHmac('sha256', Buffer.from(secret.slice(prefix.length), 'base64'))
      .update(`${id}.${timestamp}.${body}`)
      .digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => `v1,${sign(secret)}`).join(' '),
  };
}
