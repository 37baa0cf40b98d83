// Files of a task: what it is given before it starts, and what of it is kept when it has ended. Bytes are in no record.
import type { LeftOutBytes } from '../values/output.ts';

/** Of one upload as it is packed. One PUT of S3 takes five times as much. */
export const uploadBytesMax = 2 ** 30;
/** Of one task. */
export const inputsMax = 32;
/** Of one input as it is fetched. */
export const inputBytesMax = 10 * 2 ** 30;
/** Of one input as it is unpacked. */
export const unpackedBytesMax = 20 * 2 ** 30;
export const unpackedEntriesMax = 200_000;
/** Of one task. */
export const artifactGlobsMax = 32;
/** Of one attempt; of all of them together, in bytes. */
export const artifactsMax = 500;
export const artifactBytesMax = 2 ** 30;
export const artifactPathBytesMax = 1_000;
/** So many files of a task's folder are looked at. */
export const artifactScanMax = 200_000;
/** Of so many attempts before the last one it is looked whether they kept any. */
export const artifactAttemptsMax = 10;
/** So old an upload is sent again: what keeps it counts its days from then. */
export const uploadFreshMs = 24 * 3_600_000;

export interface FileContent {
  /** In hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Either an upload of the tenant's, by the SHA-256 of its bytes, or what a URL answers. */
export interface TaskInput {
  readonly upload?: string;
  readonly url?: string;
  /** Below the working directory; `.` is that itself. */
  readonly path: string;
  /** What the bytes must have. */
  readonly sha256?: string;
  /** It is a tar archive, whose files are wanted. */
  readonly unpack?: true;
}

/** What a task is given, as its agent fetches it. `url`: a path is one of the controller. */
export interface GivenInput extends Pick<TaskInput, 'path' | 'unpack'> {
  readonly url: string;
  readonly sha256?: string;
  /** For people: a URL may be a key to what it names. */
  readonly name: string;
}

export interface Artifact extends FileContent {
  /** Below the working directory. */
  readonly path: string;
}

export interface LeftOut {
  readonly path: string;
  readonly why: string;
}

/** What of one attempt is kept. */
export interface ArtifactList {
  /** By path. */
  readonly files: readonly Artifact[];
  /** The first of those that matched and are not kept. */
  readonly leftOut: readonly LeftOut[];
  readonly leftOutCount: number;
  /** These are the streams of its output, `stdout` and `stderr`; absent: files of its folder. */
  readonly output?: {
    /** Of each stream, behind what is kept. */
    readonly leftOutBytes: LeftOutBytes;
  };
}

/** Neither absolute, nor with parts that lead up: safe to be put below any folder. */
export function staysBelow(path: string): boolean {
  return !/[\0\\]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** An object of S3, as `s3://BUCKET/KEY` names it: its key is what stands there. */
export interface S3Place {
  readonly bucket: string;
  readonly key: string;
}

/** null: it is no such URL. Bucket names as S3 has them; a key has at most 1,024 bytes. */
export function s3PlaceOf(url: string): S3Place | null {
  const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/([^\0]{1,1024})$/.exec(url) ?? [];
  return bucket === undefined || key === undefined ? null : { bucket, key };
}

/** A URL without what may be a key: its query, and a user's name and password. */
export function shownUrl(url: string): string {
  if (url.startsWith('s3://')) return url;
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
