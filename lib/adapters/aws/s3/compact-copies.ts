// Compact copies of pools in the installation's bucket, beside the outputs; a rule of the bucket deletes them.
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { assertCopyName, CopiesUnavailableError } from '../../../ports/store/compact-copies.ts';
import type { CompactCopies } from '../../../ports/store/compact-copies.ts';
import { AwsServiceError, sendCall } from '../sdk.ts';
import { bucketOf } from './client.ts';
import type { Bucket, S3Options } from './client.ts';

/** A tick waits for it. */
const defaultTimeoutMs = 3_000;

export class S3CompactCopies implements CompactCopies {
  readonly #bucket: Bucket;

  constructor(options: S3Options) {
    this.#bucket = bucketOf(options, defaultTimeoutMs);
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const command = new PutObjectCommand({
      ...this.#objectOf(name),
      ContentType: 'application/octet-stream',
      Body: bytes,
    });
    try {
      await sendCall('PutObject', this.#bucket.timeoutMs, async (sending) =>
        this.#bucket.client.send(command, sending),
      );
    } catch (error) {
      throw unavailable(name, 'written', error);
    }
  }

  async read(name: string): Promise<Uint8Array | null> {
    const command = new GetObjectCommand(this.#objectOf(name));
    try {
      return await sendCall('GetObject', this.#bucket.timeoutMs, async (sending) => {
        const { Body } = await this.#bucket.client.send(command, sending);
        return (await Body?.transformToByteArray()) ?? null;
      });
    } catch (error) {
      if (error instanceof AwsServiceError && error.status === 404) return null;
      throw unavailable(name, 'read', error);
    }
  }

  #objectOf(name: string): { readonly Bucket: string; readonly Key: string } {
    assertCopyName(name);
    return { Bucket: this.#bucket.name, Key: `copies/${name}` };
  }
}

/** The scheduler may not list the bucket, so of what is not there S3 says that it is forbidden, and nothing more. */
function unavailable(name: string, what: string, error: unknown): CopiesUnavailableError {
  const why = error instanceof Error ? error.message : String(error);
  return new CopiesUnavailableError(`the object copies/${name} could not be ${what}: ${why}`, { cause: error });
}
