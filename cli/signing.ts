// Calls to a deployed API are signed (AWS Signature Version 4). Where that is so, in which region, and what a 403 of
// the gateway, which itself says nothing more, most likely means.
import { CliError, exits, usageError } from './errors.ts';

export interface UnsignedCall {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Signer {
  /** The headers to send instead. @throws CliError where there are no credentials */
  readonly sign: (call: UnsignedCall) => Promise<Readonly<Record<string, string>>>;
  /** Whom AWS takes the credentials for, or why it does not take them. */
  readonly whoAmI: () => Promise<{ readonly arn: string } | { readonly refusal: string }>;
}

/**
 * Loads what signs, which is nothing that an unsigned call should wait for. `region`: null where the
 * caller's own is meant.
 */
export type OpenSigner = (region: string | null) => Promise<Signer>;

export interface SigningOptions {
  /** Sign whatever the address is: it has a name of its own. */
  readonly sign?: boolean;
  readonly region?: string;
}

/** The region of API Gateway's own addresses; null for others. */
export function gatewayRegion(server: string): string | null {
  return (
    /\.execute-api\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/.exec(new URL(server).hostname)?.[1] ?? null
  );
}

/** null: calls to this server are not signed. */
export function signingOf(server: string, options: SigningOptions): { readonly region: string | null } | null {
  const region = gatewayRegion(server);
  if (options.region !== undefined && !/^[a-z]{2}(-[a-z]+)+-\d+$/.test(options.region))
    throw usageError(`--region ${JSON.stringify(options.region)} is not a region`, 'give one like eu-central-1');
  if (region === null && options.sign !== true) return null;
  return { region: options.region ?? region };
}

export interface Forbidden {
  readonly method: string;
  readonly path: string;
  readonly permission: string;
  /** Of the answer; null without one. */
  readonly serverTimeMs: number | null;
  readonly nowMs: number;
}

/** AWS takes signatures that are at most this old. */
const skewMsMax = 5 * 60_000;
/** The permission's managed policy, by the name of its output of the stack. */
const policyOutputs: Readonly<Record<string, string>> = {
  read: 'ReadPolicy',
  request: 'RequestPolicy',
  'pool-admin': 'PoolAdminPolicy',
};

export async function forbiddenError(signer: Signer, forbidden: Forbidden): Promise<CliError> {
  const { method, path, permission, serverTimeMs, nowMs } = forbidden;
  if (serverTimeMs !== null && Math.abs(serverTimeMs - nowMs) > skewMsMax) {
    const minutes = Math.round(Math.abs(serverTimeMs - nowMs) / 60_000);
    return new CliError(
      exits.refused,
      `403: this machine's clock is ${String(minutes)} minutes ${serverTimeMs > nowMs ? 'behind' : 'ahead of'} `
        + 'AWS, and signatures are taken for 5 minutes',
      'set the clock',
    );
  }
  const who = await signer.whoAmI();
  if ('refusal' in who)
    return new CliError(exits.refused, `403: AWS does not take these credentials: ${who.refusal}`, renewal);
  return new CliError(
    exits.refused,
    `403: ${who.arn} may not call ${method} ${path}, which needs the permission "${permission}"`,
    `attach the stack's policy (its output ${policyOutputs[permission] ?? permission}) with \`aws iam `
      + `attach-role-policy --role-name NAME --policy-arn ARN\`, or let another deny go; see docs/permissions.md. If `
      + 'it is attached: a VPC endpoint for execute-api answers 403 too',
  );
}

export const renewal = 'renew them (`aws sso login`, `aws configure`), or name others with AWS_PROFILE';
