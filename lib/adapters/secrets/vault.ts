// HashiCorp Vault: version 2 of the key-value engine, after a login whose token is in memory while it lasts.
import * as z from 'zod';
import { fieldOf, placeAndKey, SecretUnreadableError } from '../../ports/access/secrets.ts';
import type { ReadSecret } from '../../ports/access/secrets.ts';
import { callJson } from './json-call.ts';

export interface VaultOptions {
  /** e.g. https://vault.example.org:8200 */
  readonly address: string;
  /** Asked for at each login: as an AppRole, or by AWS (lib/adapters/aws/access/vault-login.ts). */
  readonly login: () => Promise<VaultLogin>;
  readonly nowMs: () => number;
  /** Of its own authority, in PEM. Absent: a public one, or one of NODE_EXTRA_CA_CERTS. */
  readonly ca?: string | undefined;
  readonly timeoutMs?: number;
}

/** How we show Vault who we are. */
export interface VaultLogin {
  /** Below `/v1/`. */
  readonly path: string;
  readonly body: object;
}

/** As an AppRole that is mounted under its own name. */
export function appRole(roleId: string, secretId: string): VaultOptions['login'] {
  return async () => ({ path: 'auth/approle/login', body: { role_id: roleId, secret_id: secretId } });
}

const loginAnswer = z.object({ auth: z.object({ client_token: z.string().min(1), lease_duration: z.number() }) });
const secret = z.object({ data: z.object({ data: z.record(z.string(), z.unknown()) }) });
/** Before its end it is not used any more. */
const marginMs = 30_000;

/** `vault:MOUNT/PATH`, its latest version; `#KEY` for one of its fields, else all of them as JSON. */
export function vaultSecrets({ address, login, nowMs, ca, timeoutMs = 3_000 }: VaultOptions): ReadSecret {
  let token: { readonly text: string; readonly untilMs: number } | null = null;
  const urlOf = (path: string): URL => new URL(`/v1/${path}`, address);
  const tokenFor = async (from: string): Promise<string> => {
    if (token !== null && nowMs() < token.untilMs) return token.text;
    const { path, body } = await login();
    const answer = await callJson('the login at vault', from, {
      url: urlOf(path),
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      ca,
      timeoutMs,
    });
    const { auth } = parsed(loginAnswer, answer, from);
    token = { text: auth.client_token, untilMs: nowMs() + auth.lease_duration * 1_000 - marginMs };
    return token.text;
  };
  return async (place, from) => {
    const { place: path, key } = placeAndKey(place);
    const [mount = '', ...rest] = path.split('/');
    if (rest.length === 0)
      throw new SecretUnreadableError(from, 'malformed', 'it names no path in an engine: MOUNT/PATH');
    const call = async (): Promise<unknown> =>
      callJson('vault', from, {
        url: urlOf(`${mount}/data/${rest.join('/')}`),
        method: 'GET',
        headers: { 'x-vault-token': await tokenFor(from) },
        ca,
        timeoutMs,
      });
    let answer: unknown;
    try {
      answer = await call();
    } catch (error) {
      // A token may be revoked before its end: that shows as a refusal, once.
      if (!(error instanceof SecretUnreadableError) || error.problem !== 'denied' || token === null) throw error;
      token = null;
      answer = await call();
    }
    const fields = parsed(secret, answer, from).data.data;
    return key === null ? JSON.stringify(fields) : fieldOf(fields, key, from);
  };
}

function parsed<S extends z.ZodType>(schema: S, answer: unknown, from: string): z.output<S> {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  throw new SecretUnreadableError(from, 'unavailable', 'the answer of vault is not one');
}
