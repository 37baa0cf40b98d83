// Uploads and artifacts in the installation's bucket, by presigned URLs. S3 itself checks that what comes has the
// length and the SHA-256 that were signed.
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { FileContent } from '../../../core/access/files.ts';
import type { Files, UploadPlace } from '../../../ports/access/files.ts';
import { AwsServiceError, sendCall } from '../sdk.ts';
import { bucketOf } from './client.ts';
import type { Bucket, S3Options } from './client.ts';

/** Signed headers must be sent as they were signed; in the query S3 would not check them. */
const signed = new Set(['content-length', 'x-amz-checksum-sha256']);
const uploadExpiresSeconds = 3_600;
/** As long as the credentials that sign it at most: a download begins at once. */
const downloadExpiresSeconds = 3_600;
const defaultTimeoutMs = 10_000;

export class S3Files implements Files {
  readonly #bucket: Bucket;

  constructor(options: S3Options) {
    this.#bucket = bucketOf(options, defaultTimeoutMs);
  }

  async uploadTo(key: string, { sha256, bytes }: FileContent): Promise<UploadPlace> {
    const checksum = Buffer.from(sha256, 'hex').toString('base64');
    const command = new PutObjectCommand({
      Bucket: this.#bucket.name,
      Key: key,
      ContentLength: bytes,
      ChecksumSHA256: checksum,
    });
    const url = await getSignedUrl(this.#bucket.client, command, {
      expiresIn: uploadExpiresSeconds,
      signableHeaders: signed,
      unhoistableHeaders: signed,
    });
    return { url, headers: { 'content-length': String(bytes), 'x-amz-checksum-sha256': checksum } };
  }

  async downloadFrom(key: string): Promise<string> {
    const command = new GetObjectCommand({ Bucket: this.#bucket.name, Key: key });
    return getSignedUrl(this.#bucket.client, command, { expiresIn: downloadExpiresSeconds });
  }

  async read(key: string): Promise<string | null> {
    const command = new GetObjectCommand({ Bucket: this.#bucket.name, Key: key });
    return this.#orAbsent('GetObject', async (sending) => {
      const { Body } = await this.#bucket.client.send(command, sending);
      return (await Body?.transformToString('utf8')) ?? null;
    });
  }

  async write(key: string, text: string): Promise<void> {
    const command = new PutObjectCommand({ Bucket: this.#bucket.name, Key: key, Body: text });
    await sendCall('PutObject', this.#bucket.timeoutMs, async (sending) => this.#bucket.client.send(command, sending));
  }

  async look(key: string): Promise<{ readonly bytes: number; readonly writtenAtMs: number } | null> {
    const command = new HeadObjectCommand({ Bucket: this.#bucket.name, Key: key });
    return this.#orAbsent('HeadObject', async (sending) => {
      const { ContentLength = 0, LastModified } = await this.#bucket.client.send(command, sending);
      return { bytes: ContentLength, writtenAtMs: LastModified?.getTime() ?? 0 };
    });
  }

  async #orAbsent<T>(action: string, send: Parameters<typeof sendCall<T>>[2]): Promise<T | null> {
    try {
      return await sendCall(action, this.#bucket.timeoutMs, send);
    } catch (error) {
      if (error instanceof AwsServiceError && error.status === 404) return null;
      throw error;
    }
  }
}
