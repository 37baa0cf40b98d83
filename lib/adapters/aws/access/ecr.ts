// Logins of ECR, in one small call that is signed with the credentials of a role: they open what that role may fetch.
import * as z from 'zod';
import type { RoleCredentials } from '../../../core/access/roles.ts';
import type { ExpiringLogin, Registries } from '../../../ports/access/registries.ts';
import { RoleUnavailableError } from '../../../ports/access/roles.ts';
import { signHeaders } from '../execute-api-signing.ts';

export interface EcrOptions {
  readonly clock: { nowMs(): number };
  /** Instead of the service's own in the region. */
  readonly endpoint?: string | undefined;
  readonly timeoutMs?: number;
}

const timeoutMsDefault = 5_000;
const target = 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken';

/** `authorizationToken`: base64 of USER:PASSWORD. `expiresAt`: seconds. */
const answerShape = z.object({
  authorizationData: z.array(z.object({ authorizationToken: z.string(), expiresAt: z.number() })).min(1),
});
const refusal = z.object({ __type: z.string() });

export class EcrRegistries implements Registries {
  readonly #options: EcrOptions;

  constructor(options: EcrOptions) {
    this.#options = options;
  }

  async login(region: string, credentials: RoleCredentials, role: string): Promise<ExpiringLogin> {
    const { status, answer } = await this.#call(region, credentials, role);
    if (status !== 200) {
      const code = refusal.safeParse(answer).data?.__type.split('#').at(-1)?.slice(0, 100);
      const cure = /^AccessDenied/.test(code ?? '') ? '; it needs ecr:GetAuthorizationToken on *' : '';
      const isTransient = status >= 500 || status === 429 || /^Throttling/.test(code ?? '');
      throw new RoleUnavailableError(role, `ecr answers ${code ?? `HTTP ${String(status)}`}${cure}`, isTransient);
    }
    const given = answerShape.safeParse(answer).data?.authorizationData[0];
    const text = Buffer.from(given?.authorizationToken ?? '', 'base64').toString('utf8');
    const at = text.indexOf(':');
    if (given === undefined || at < 1) throw new RoleUnavailableError(role, 'the answer of ecr is not one', true);
    const expiresAtMs = Math.round(given.expiresAt * 1_000);
    return { username: text.slice(0, at), password: text.slice(at + 1), expiresAtMs };
  }

  async #call(
    region: string,
    { accessKeyId, secretAccessKey, sessionToken }: RoleCredentials,
    role: string,
  ): Promise<{ readonly status: number; readonly answer: unknown }> {
    const { clock, endpoint, timeoutMs = timeoutMsDefault } = this.#options;
    const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    const url = new URL('/', endpoint ?? `https://api.ecr.${region}.${domain}`);
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
    const signed = await signHeaders(
      { method: 'POST', url, headers, body: '{}' },
      region,
      { accessKeyId, secretAccessKey, sessionToken },
      clock.nowMs(),
      'ecr',
    );
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: signed,
        body: '{}',
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, answer: await response.json() };
    } catch (error) {
      // A parser's own words may repeat what it read.
      const why = error instanceof Error ? error.name : 'unknown';
      throw new RoleUnavailableError(role, `ecr: no answer (${why})`, true);
    }
  }
}
