// What the client takes of its process unless it is told: the address, and credentials.

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The variable BELLOWS_URL; null: it is not set. */
export function serverOfVariables(): string | null {
  return process.env['BELLOWS_URL'] ?? null;
}

/** @throws TypeError where there are none */
export async function credentialsOfVariables(): Promise<Credentials> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = process.env;
  if (id === undefined || secret === undefined)
    throw new TypeError(
      'a deployed API wants signed calls, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; give '
        + '`credentials`, such as fromNodeProviderChain() of @aws-sdk/credential-providers',
    );
  return { accessKeyId: id, secretAccessKey: secret, ...(token === undefined ? {} : { sessionToken: token }) };
}
