// Roles by STS, in one small signed call. A session's tags say whose it is, so that policies can (aws:PrincipalTag) and
// CloudTrail does.
import type { RoleCredentials } from '../../../core/access/roles.ts';
import { RoleUnavailableError } from '../../../ports/access/roles.ts';
import type { RoleSession, Roles } from '../../../ports/access/roles.ts';
import { signHeaders } from '../execute-api-signing.ts';
import type { CredentialsProvider } from '../sdk.ts';

export interface StsOptions {
  readonly region: string;
  readonly credentials: CredentialsProvider;
  readonly clock: { nowMs(): number };
  /** Instead of the service's own in the region. */
  readonly endpoint?: string | undefined;
  readonly timeoutMs?: number;
}

/** The longest for a role that is assumed by a role. */
const sessionSeconds = 3_600;
const timeoutMsDefault = 5_000;

/** Of the service in a region. */
export function stsUrl(region: string): string {
  return `https://sts.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}/`;
}

export class StsRoles implements Roles {
  readonly #options: StsOptions;

  constructor(options: StsOptions) {
    this.#options = options;
  }

  async assume({ role, tenant, requestId, attemptId }: RoleSession): Promise<RoleCredentials> {
    const tags = { 'bellows:tenant': tenant, 'bellows:request': requestId, 'bellows:attempt': attemptId };
    const body = new URLSearchParams({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: role,
      RoleSessionName: attemptId.slice(-64),
      DurationSeconds: String(sessionSeconds),
    });
    for (const [n, [key, value]] of Object.entries(tags).entries()) {
      body.set(`Tags.member.${String(n + 1)}.Key`, key);
      body.set(`Tags.member.${String(n + 1)}.Value`, value);
    }
    const { status, xml } = await this.#call(role, body.toString());
    const text = (name: string): string => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1] ?? '';
    if (status !== 200) {
      const code = text('Code').slice(0, 100) || `HTTP ${String(status)}`;
      throw new RoleUnavailableError(role, `sts answers ${code}`, status >= 500 || code.startsWith('Throttling'));
    }
    const expiresAtMs = Date.parse(text('Expiration'));
    const credentials = {
      accessKeyId: text('AccessKeyId'),
      secretAccessKey: text('SecretAccessKey'),
      sessionToken: text('SessionToken'),
      expiresAtMs,
    };
    if (Number.isNaN(expiresAtMs) || Object.values(credentials).includes(''))
      throw new RoleUnavailableError(role, 'the answer of sts is not one', true);
    return credentials;
  }

  async #call(role: string, body: string): Promise<{ readonly status: number; readonly xml: string }> {
    const { region, credentials, clock, endpoint, timeoutMs = timeoutMsDefault } = this.#options;
    const url = new URL('/', endpoint ?? stsUrl(region));
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const call = { method: 'POST', url, headers, body };
    const signed = await signHeaders(call, region, await credentials(), clock.nowMs(), 'sts');
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: signed,
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, xml: await response.text() };
    } catch (error) {
      const why = error instanceof Error ? error.name : 'unknown';
      throw new RoleUnavailableError(role, `sts: no answer (${why})`, true);
    }
  }
}
