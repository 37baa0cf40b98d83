// Who calls, and for which region: read from the SigV4 credential scope. The signature is not verified.
import { Ec2Error } from '../../cloud/errors.ts';

export interface Caller {
  readonly accountId: string;
  readonly region: string;
  readonly accessKeyId: string;
}

/** The account of access keys that are not an account number themselves. */
export const defaultAccountId = '123456789012';

/** The key of the role that an instance of that account has: calls signed with it are that account's. */
export function keyIdOfRole(accountId: string): string {
  return `ASIA${accountId}ROLE`;
}

/** Which service the call is signed for; null: it is not signed. */
export function serviceOf(authorization: string | undefined): string | null {
  return /Credential=[^,\s/]+\/[^/]+\/[^/]+\/([^/,\s]+)\//.exec(authorization ?? '')?.[1] ?? null;
}

/** @throws Ec2Error where nothing is signed, or for another service */
export function callerOf(authorization: string | undefined, query: URLSearchParams | null, wanted = 'ec2'): Caller {
  const scope = /Credential=([^,\s]+)/.exec(authorization ?? '')?.[1] ?? query?.get('X-Amz-Credential') ?? null;
  if (scope === null) throw new Ec2Error('MissingParameter', 'The request must contain the parameter AWSAccessKeyId');
  const [accessKeyId, date, region, service, end] = decodeURIComponent(scope).split('/');
  if (!accessKeyId || !date || !region || service !== wanted || end !== 'aws4_request') {
    throw new Ec2Error('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
  }
  const [, accountId = defaultAccountId] = /^(?:ASIA)?(\d{12})(?:ROLE)?$/.exec(accessKeyId) ?? [];
  return { accountId, region, accessKeyId };
}
