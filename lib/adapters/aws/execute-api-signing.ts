// AWS Signature Version 4 for our own API behind IAM authorization: the CLI's calls and the agents'.
import { createHash, createHmac } from 'node:crypto';
import type { Hash, Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Checksum, SourceData } from '@smithy/types';
import { sdkCredentials } from './sdk.ts';
import type { Credentials } from './sdk.ts';

export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  /** Lower-case names; `host` is added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** SHA-256 of Node, as the signer wants to be given it. */
class Sha256 implements Checksum {
  readonly #secret: SourceData | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: SourceData) {
    this.#secret = secret;
    this.#hash = this.#start();
  }

  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#start();
  }

  #start(): Hash | Hmac {
    const secret = this.#secret;
    if (secret === undefined) return createHash('sha256');
    return createHmac('sha256', typeof secret === 'string' ? secret : new Uint8Array(secret as ArrayBuffer));
  }
}

/**
 * `sqs`: a node's calls to its bell. `fis`: of the first day (scripts/conformance/first-day). The others: the
 * controller's, for secrets, roles and images.
 */
export type SignedService = 'execute-api' | 'sqs' | 'secretsmanager' | 'ssm' | 'sts' | 'ecr' | 'fis';

/** The headers to send, `authorization` and `host` among them. */
export async function signHeaders(
  { method, url, headers, body }: UnsignedRequest,
  region: string,
  credentials: Credentials,
  nowMs: number,
  service: SignedService = 'execute-api',
): Promise<Record<string, string>> {
  const signer = new SignatureV4({
    service,
    region,
    credentials: sdkCredentials(() => credentials),
    sha256: Sha256,
    applyChecksum: false,
  });
  const query: Record<string, string | string[]> = {};
  for (const name of url.searchParams.keys()) query[name] = url.searchParams.getAll(name);
  const request = {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query,
    headers: { ...headers, host: url.host },
    body,
  };
  const signed = await signer.sign(request, { signingDate: new Date(nowMs) });
  return signed.headers;
}
