// Objects of any bucket, by URLs presigned as a task's role. A URL is good in its bucket's own region only, which S3
// tells everybody in a header, whatever else it answers.
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { S3Place } from '../../../core/access/files.ts';
import type { RoleCredentials } from '../../../core/access/roles.ts';
import type { Objects } from '../../../ports/access/objects.ts';
import { RoleUnavailableError } from '../../../ports/access/roles.ts';
import { presigningClient } from './client.ts';

export interface S3ObjectsOptions {
  readonly region: string;
  readonly clock: { nowMs(): number };
  /** Instead of the service's own, for whatever region; its buckets are looked up there, too. */
  readonly endpoint?: string | undefined;
  readonly timeoutMs?: number;
}

const timeoutMsDefault = 3_000;
const regionsMax = 1_000;
const secondsMax = 3_600;

export class S3Objects implements Objects {
  readonly #options: S3ObjectsOptions;
  /** By bucket. */
  readonly #regions = new Map<string, string>();

  constructor(options: S3ObjectsOptions) {
    this.#options = options;
  }

  async downloadFrom({ bucket, key }: S3Place, credentials: RoleCredentials, role: string): Promise<string> {
    const { endpoint, clock } = this.#options;
    const region = await this.#regionOf(bucket, role);
    const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs } = credentials;
    const client = presigningClient({
      region,
      bucket,
      endpoint,
      credentials: () => ({ accessKeyId, secretAccessKey, sessionToken }),
    });
    const leftSeconds = Math.floor((expiresAtMs - clock.nowMs()) / 1_000);
    const expiresIn = Math.max(1, Math.min(secondsMax, leftSeconds));
    try {
      return await getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn });
    } finally {
      client.destroy();
    }
  }

  /** Of a bucket that is not there it is ours: then S3 itself says so, to whoever asks for the object. */
  async #regionOf(bucket: string, role: string): Promise<string> {
    const known = this.#regions.get(bucket);
    if (known !== undefined) return known;
    const { region, endpoint, timeoutMs = timeoutMsDefault } = this.#options;
    const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    const url = new URL(`/${bucket}`, endpoint ?? `https://s3.dualstack.${region}.${domain}`);
    let found: string | null;
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      found = (await fetch(url, { method: 'HEAD', redirect: 'manual', signal })).headers.get('x-amz-bucket-region');
    } catch (error) {
      const why = error instanceof Error ? error.name : 'unknown';
      throw new RoleUnavailableError(role, `s3 does not say where the bucket ${bucket} is (${why})`, true);
    }
    if (found === null || !/^[a-z0-9-]{1,40}$/.test(found)) return region;
    if (this.#regions.size >= regionsMax) this.#regions.clear();
    this.#regions.set(bucket, found);
    return found;
  }
}
