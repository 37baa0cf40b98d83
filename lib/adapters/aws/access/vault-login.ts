// Login at HashiCorp Vault by its AWS auth method, type iam: Vault is handed a call of sts:GetCallerIdentity that is
// signed with our credentials, makes it, and so hears from AWS who we are. The keys themselves are not sent.
// Shape: developer.hashicorp.com/vault/api-docs/auth/aws, "Login".
import { signHeaders } from '../execute-api-signing.ts';
import type { CredentialsProvider } from '../sdk.ts';
import { stsUrl } from './sts-roles.ts';

export interface VaultLoginOptions {
  readonly credentials: CredentialsProvider;
  readonly clock: { nowMs(): number };
  /** Of the auth method in Vault; its `bound_iam_principal_arn` has ours. */
  readonly role: string;
  /** Where the auth method is mounted; absent: `aws`. */
  readonly mount?: string | undefined;
  /**
   * `iam_server_id_header_value` of the mount, which keeps a call that was caught from being shown to another Vault.
   * Absent: the mount asks for none.
   */
  readonly serverId?: string | undefined;
  /** Of the STS that Vault asks (`sts_region` of the mount); absent: the global one, as Vault does. */
  readonly region?: string | undefined;
}

const globalSts = { url: 'https://sts.amazonaws.com/', region: 'us-east-1' };
const body = 'Action=GetCallerIdentity&Version=2011-06-15';

/** What is posted, and where below `/v1/`; signed anew at each call, as AWS takes a signature for 15 minutes. */
export function awsLogin({
  credentials,
  clock,
  role,
  mount = 'aws',
  serverId,
  region,
}: VaultLoginOptions): () => Promise<{ readonly path: string; readonly body: object }> {
  const sts = region === undefined ? globalSts : { url: stsUrl(region), region };
  return async () => {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      ...(serverId === undefined ? {} : { 'x-vault-aws-iam-server-id': serverId }),
    };
    const call = { method: 'POST', url: new URL(sts.url), headers, body };
    const signed = await signHeaders(call, sts.region, await credentials(), clock.nowMs(), 'sts');
    return {
      path: `auth/${mount}/login`,
      body: {
        role,
        iam_http_request_method: 'POST',
        iam_request_url: base64(sts.url),
        iam_request_body: base64(body),
        iam_request_headers: base64(JSON.stringify(signed)),
      },
    };
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
