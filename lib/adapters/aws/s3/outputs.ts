// Output of attempts in a bucket: agents upload it to presigned URLs, applications read its tail through the API.
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { BellowsError } from '../../../core/values/errors.ts';
import { nothingLeftOut } from '../../../core/values/output.ts';
import { parseAttemptId } from '../../../core/records/request.ts';
import { lastOf } from '../../../ports/outputs.ts';
import type { AttemptOutput, Outputs } from '../../../ports/outputs.ts';
import * as z from 'zod';
import { AwsServiceError, sendCall } from '../sdk.ts';
import { bucketOf } from './client.ts';
import type { Bucket, S3Options } from './client.ts';

/** As agents upload it (`OutputUpload` of lib/api). */
const bytes = z.object({ stdout: z.int(), stderr: z.int() });
const upload = z.object({
  stdout: z.string(),
  stderr: z.string(),
  truncated: z.boolean(),
  leftOutBytes: bytes.default(nothingLeftOut),
});

export class OutputsError extends BellowsError {
  constructor(message: string, options?: ErrorOptions) {
    super('outputs_unavailable', message, options);
  }
}

/**
 * A URL ends with the credentials that signed it, which a function's role has for some hours; S3
 * takes 7 days at most.
 */
const uploadExpiresSeconds = 12 * 3600;
const contentType = 'application/json';
const defaultTimeoutMs = 10_000;

export class S3Outputs implements Outputs {
  readonly #bucket: Bucket;

  constructor(options: S3Options) {
    this.#bucket = bucketOf(options, defaultTimeoutMs);
  }

  async uploadUrl(attemptId: string): Promise<string> {
    const command = new PutObjectCommand({ ...this.#objectOf(attemptId), ContentType: contentType });
    return getSignedUrl(this.#bucket.client, command, {
      expiresIn: uploadExpiresSeconds,
      signableHeaders: new Set(['content-type']),
    });
  }

  async write(attemptId: string, output: AttemptOutput): Promise<void> {
    const body: z.output<typeof upload> = {
      stdout: output.stdout,
      stderr: output.stderr,
      truncated: output.isTruncated,
      leftOutBytes: output.leftOutBytes,
    };
    const command = new PutObjectCommand({
      ...this.#objectOf(attemptId),
      ContentType: contentType,
      Body: JSON.stringify(body),
    });
    try {
      await sendCall('PutObject', this.#bucket.timeoutMs, async (sending) =>
        this.#bucket.client.send(command, sending),
      );
    } catch (error) {
      throw unavailable('stored', attemptId, error);
    }
  }

  async read(attemptId: string, tailBytes: number): Promise<AttemptOutput | null> {
    const text = await this.#text(attemptId);
    if (text === null) return null;
    const { truncated, ...output } = upload.parse(JSON.parse(text));
    return lastOf({ ...output, isTruncated: truncated }, tailBytes);
  }

  async #text(attemptId: string): Promise<string | null> {
    const command = new GetObjectCommand(this.#objectOf(attemptId));
    try {
      // The body is a part of the call: it ends within the same deadline.
      return await sendCall('GetObject', this.#bucket.timeoutMs, async (sending) => {
        const { Body } = await this.#bucket.client.send(command, sending);
        return (await Body?.transformToString('utf8')) ?? null;
      });
    } catch (error) {
      if (error instanceof AwsServiceError && error.status === 404) return null;
      throw unavailable('read', attemptId, error);
    }
  }

  #objectOf(attemptId: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#bucket.name, Key: keyOf(attemptId) };
  }
}

function keyOf(attemptId: string): string {
  const parsed = parseAttemptId(attemptId);
  if (parsed === null || !/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(parsed.requestId)) {
    throw new OutputsError(
      `${JSON.stringify(attemptId)} is no attempt id (request.index.attempt of letters, digits, "-" and "_"), `
        + 'so it names no output',
    );
  }
  return `outputs/${parsed.requestId}/${attemptId}.json`;
}

function unavailable(what: string, attemptId: string, error: unknown): OutputsError {
  const isDenied = error instanceof AwsServiceError && error.status === 403;
  const hint = isDenied ? '; without s3:ListBucket S3 answers 403 for what is not there' : '';
  const why = error instanceof Error ? error.message : String(error);
  return new OutputsError(`the output of ${attemptId} could not be ${what}: ${why}${hint}`, { cause: error });
}
