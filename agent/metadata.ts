// The instance metadata service, version 2: who this node is, its role's credentials, and EC2's notice before it
// takes the node. Tasks cannot reach it; the agent alone can.
import * as z from 'zod';
import { BellowsError } from '../lib/core/values/errors.ts';

const timeoutMs = 2_000;
const tokenSeconds = 21_600;
const renewBeforeMs = 300_000;

export class MetadataError extends BellowsError {
  constructor(path: string, why: string, options?: ErrorOptions) {
    super(
      'instance_metadata',
      `the metadata service did not tell ${path}: ${why}; is this an EC2 instance with metadata enabled?`,
      options,
    );
  }
}

const credentialsDocument = z.object({
  AccessKeyId: z.string(),
  SecretAccessKey: z.string(),
  Token: z.string(),
  Expiration: z.iso.datetime(),
});
const actionDocument = z.object({ action: z.string(), time: z.iso.datetime() });

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface MetadataOptions {
  readonly endpoint: string;
  readonly nowMs: () => number;
}

export class Metadata {
  readonly #options: MetadataOptions;
  #token: { readonly text: string; readonly untilMs: number } | null = null;
  #credentials: { readonly value: RoleCredentials; readonly untilMs: number } | null = null;

  constructor(options: MetadataOptions) {
    this.#options = options;
  }

  /** @throws MetadataError */
  async text(path: string): Promise<string> {
    const found = await this.#find(path);
    if (found === null) throw new MetadataError(path, 'it is not there');
    return found;
  }

  /** Renewed five minutes before they end. @throws MetadataError */
  async credentials(): Promise<RoleCredentials> {
    const nowMs = this.#options.nowMs();
    if (this.#credentials !== null && nowMs < this.#credentials.untilMs - renewBeforeMs) return this.#credentials.value;
    const role = (await this.text('iam/security-credentials/')).trim();
    const path = `iam/security-credentials/${role}`;
    const parsed = credentialsDocument.parse(json(path, await this.text(path)));
    const value = {
      accessKeyId: parsed.AccessKeyId,
      secretAccessKey: parsed.SecretAccessKey,
      sessionToken: parsed.Token,
    };
    this.#credentials = { value, untilMs: Date.parse(parsed.Expiration) };
    return value;
  }

  /** When EC2 takes this spot instance; null: no notice. @throws MetadataError */
  async interruptionAtMs(): Promise<number | null> {
    const path = 'spot/instance-action';
    const found = await this.#find(path);
    return found === null ? null : Date.parse(actionDocument.parse(json(path, found)).time);
  }

  async #find(path: string): Promise<string | null> {
    let response = await this.#ask(path);
    if (response.status === 401) {
      // It counts by its own clock, and ours may have been set back since.
      this.#token = null;
      response = await this.#ask(path);
    }
    if (response.status === 404) return null;
    if (!response.ok) throw new MetadataError(path, `it answered ${String(response.status)}`);
    return response.text();
  }

  async #ask(path: string): Promise<Response> {
    const token = await this.#tokenText();
    return this.#send('GET', `latest/meta-data/${path}`, { 'x-aws-ec2-metadata-token': token });
  }

  async #tokenText(): Promise<string> {
    const nowMs = this.#options.nowMs();
    if (this.#token !== null && nowMs < this.#token.untilMs - renewBeforeMs) return this.#token.text;
    const response = await this.#send('PUT', 'latest/api/token', {
      'x-aws-ec2-metadata-token-ttl-seconds': String(tokenSeconds),
    });
    if (!response.ok) throw new MetadataError('a token', `it answered ${String(response.status)}`);
    this.#token = { text: await response.text(), untilMs: nowMs + tokenSeconds * 1000 };
    return this.#token.text;
  }

  async #send(method: string, path: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    try {
      return await fetch(new URL(path, this.#options.endpoint), {
        method,
        headers,
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      throw new MetadataError(path, error instanceof Error ? error.message : String(error), { cause: error });
    }
  }
}

function json(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MetadataError(path, 'its answer is no JSON', { cause: error });
  }
}
