// Output of attempts in a bucket: agents upload it to presigned URLs, applications read its tail through the API.
import { BellowsError } from '../../core/errors.ts';
import { nothingLeftOut } from '../../core/output.ts';
import { parseAttemptId } from '../../core/request.ts';
import type { Clock } from '../../ports/clock.ts';
import { lastOf } from '../../ports/outputs.ts';
import type { AttemptOutput, Outputs } from '../../ports/outputs.ts';
import * as z from 'zod';
import { presignUrl, uriEncode } from './signing.ts';
import type { CredentialsProvider } from './signing.ts';

export interface S3OutputsOptions {
  readonly bucket: string;
  readonly region: string;
  /** Default: S3's own in the region. With another one the bucket is a part of the path. */
  readonly endpoint?: string | undefined;
  readonly credentials: CredentialsProvider;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly timeoutMs?: number | undefined;
}

/** As agents upload it (`OutputUpload` of lib/api). */
const bytes = z.object({ stdout: z.int(), stderr: z.int() });
const upload = z.object({ stdout: z.string(), stderr: z.string(), truncated: z.boolean(), leftOutBytes: bytes.default(nothingLeftOut) });

export class OutputsError extends BellowsError {
  constructor(message: string, options?: ErrorOptions) {
    super('outputs_unavailable', message, options);
  }
}

/** A URL ends with the credentials that signed it, which a function's role has for some hours; S3 takes 7 days at most. */
const uploadExpiresSeconds = 12 * 3600;
const ownCallExpiresSeconds = 60;
const contentType = { 'content-type': 'application/json' };

export class S3Outputs implements Outputs {
  readonly #options: S3OutputsOptions;

  constructor(options: S3OutputsOptions) {
    this.#options = options;
  }

  async uploadUrl(attemptId: string): Promise<string> {
    return (await this.#sign('PUT', attemptId, uploadExpiresSeconds)).href;
  }

  async write(attemptId: string, output: AttemptOutput): Promise<void> {
    const body: z.output<typeof upload> = {
      stdout: output.stdout, stderr: output.stderr, truncated: output.isTruncated, leftOutBytes: output.leftOutBytes,
    };
    const response = await this.#call('PUT', attemptId, JSON.stringify(body));
    if (!response.ok) throw await refused('stored', attemptId, response);
    await response.body?.cancel();
  }

  async read(attemptId: string, tailBytes: number): Promise<AttemptOutput | null> {
    const response = await this.#call('GET', attemptId);
    if (response.status === 404) {
      await response.body?.cancel();
      return null;
    }
    if (!response.ok) throw await refused('read', attemptId, response);
    const { truncated, ...output } = upload.parse(await response.json());
    return lastOf({ ...output, isTruncated: truncated }, tailBytes);
  }

  async #call(method: 'GET' | 'PUT', attemptId: string, body?: string): Promise<Response> {
    const url = await this.#sign(method, attemptId, ownCallExpiresSeconds);
    try {
      return await fetch(url, { method, ...(body === undefined ? {} : { body, headers: contentType }), signal: AbortSignal.timeout(this.#options.timeoutMs ?? 10_000) });
    } catch (error) {
      throw new OutputsError(`the output of ${attemptId}: no answer from S3`, { cause: error });
    }
  }

  async #sign(method: 'GET' | 'PUT', attemptId: string, expiresSeconds: number): Promise<URL> {
    const { bucket, region, endpoint, credentials, clock } = this.#options;
    const path = keyOf(attemptId).split('/').map(uriEncode).join('/');
    const url = new URL(endpoint === undefined ? `https://${bucket}.s3.${region}.amazonaws.com/${path}` : `${endpoint.replace(/\/$/, '')}/${bucket}/${path}`);
    const headers = method === 'PUT' ? contentType : {};
    return presignUrl({ method, url, headers }, { service: 's3', region }, await credentials(), clock.nowMs(), expiresSeconds);
  }
}

function keyOf(attemptId: string): string {
  const parsed = parseAttemptId(attemptId);
  if (parsed === null || !/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(parsed.requestId)) {
    throw new OutputsError(`${JSON.stringify(attemptId)} is no attempt id (request.index.attempt of letters, digits, "-" and "_"), so it names no output`);
  }
  return `outputs/${parsed.requestId}/${attemptId}.json`;
}

async function refused(what: string, attemptId: string, response: Response): Promise<OutputsError> {
  const hint = response.status === 403 ? '; without s3:ListBucket S3 answers 403 for what is not there' : '';
  return new OutputsError(`the output of ${attemptId} could not be ${what}: S3 answered ${String(response.status)}${hint}: ${(await response.text()).slice(0, 300)}`);
}
