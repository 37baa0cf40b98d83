// The client of S3 whose URLs others use.
import { S3Client } from '@aws-sdk/client-s3';
import { keepingConnections } from '../sdk.ts';
import type { AwsClientOptions } from '../sdk.ts';

export interface S3Options extends AwsClientOptions {
  readonly bucket: string;
}

/** A bucket as its adapters use it. */
export interface Bucket {
  readonly name: string;
  readonly client: S3Client;
  /** For one call. */
  readonly timeoutMs: number;
}

export function bucketOf(options: S3Options, defaultTimeoutMs: number): Bucket {
  return { name: options.bucket, client: presigningClient(options), timeoutMs: options.timeoutMs ?? defaultTimeoutMs };
}

export function presigningClient(options: S3Options): S3Client {
  return new S3Client({
    ...keepingConnections(options),
    // Nodes without IPv4 upload, too. An endpoint of one's own has the bucket in its path.
    ...(options.endpoint === undefined ? { useDualstackEndpoint: true } : { forcePathStyle: true }),
    // A checksum in a presigned URL would be that of an empty body.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}
