// Files of tasks as the API takes and shows them: uploads, and what a task is given before it starts.
import * as z from 'zod';
import {
  artifactGlobsMax,
  inputsMax,
  s3PlaceOf,
  shownUrl,
  staysBelow,
  uploadBytesMax,
} from '../../../core/access/files.ts';
import type { TaskInput } from '../../../core/access/files.ts';
import { outputKeepMibMax } from '../../../core/values/output.ts';
import { compact, mountPath, wholeNumber } from '../values.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256: 64 lower-case hexadecimal digits');

const url = z
  .string()
  .max(4_000)
  .refine(
    (text) => s3PlaceOf(text) !== null || (URL.canParse(text) && new URL(text).protocol === 'https:'),
    'must be an https URL, or s3://BUCKET/KEY',
  )
  .meta({
    description:
      'An https URL, whose query, which may be a key, is never shown again; or s3://BUCKET/KEY, read by the '
      + "task's role.",
  });

const input = z
  .strictObject({
    upload: sha256.optional().meta({ description: 'What was sent to an address of POST /v1/uploads, by its SHA-256.' }),
    url: url.optional(),
    path: z
      .union([mountPath, z.literal('.')])
      .meta({ description: 'Below the working directory; "." with unpack is that itself.' }),
    sha256: sha256.optional().meta({ description: 'Of what the URL answers; another content fails the attempt.' }),
    unpack: z
      .boolean('must be true or false')
      .default(false)
      .meta({ description: 'It is a tar archive, also one compressed by gzip; `path` is the folder of its files.' }),
  })
  .superRefine((one, context) => {
    const fail = (path: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if ((one.upload === undefined) === (one.url === undefined)) fail('url', 'give exactly one of url and upload');
    if (one.upload !== undefined && one.sha256 !== undefined) fail('sha256', 'an upload is named by its SHA-256');
    if (one.path === '.' && !one.unpack) fail('path', 'must be the name of a file; "." is for what is unpacked');
  });

export const inputs = z
  .array(input, 'must be a list like [{"url": "https://example.org/data.tgz", "path": "data", "unpack": true}]')
  .min(1)
  .max(inputsMax)
  .meta({
    description: `Fetched before each attempt starts, in their order; at most ${String(inputsMax)} (docs/files.md).`,
  });

export interface Fetching {
  readonly inputs?: z.output<typeof inputs> | undefined;
  readonly role?: string | undefined;
}

/** Nobody's own rights read a task's objects. */
export function checkInputs(task: Fetching, context: z.RefinementCtx): void {
  if (task.role !== undefined) return;
  for (const [at, { url: given }] of (task.inputs ?? []).entries())
    if (given !== undefined && s3PlaceOf(given) !== null)
      context.addIssue({
        code: 'custom',
        path: ['inputs', at, 'url'],
        message: 'is of S3, so the task needs a role that may read it',
      });
}

export function inputsOf(given: z.output<typeof inputs> | undefined): readonly TaskInput[] | undefined {
  return given?.map(({ unpack, ...one }) => compact({ ...one, unpack: unpack ? (true as const) : undefined }));
}

export const inputsView = z.array(
  z.object({
    upload: z.string().exactOptional(),
    url: z.string().exactOptional(),
    path: z.string(),
    sha256: z.string().exactOptional(),
    unpack: z.literal(true).exactOptional(),
  }),
);

export function presentInputs(given: readonly TaskInput[] | undefined): z.output<typeof inputsView> | undefined {
  return given?.map((one) => (one.url === undefined ? { ...one } : { ...one, url: shownUrl(one.url) }));
}

export const uploadBody = z
  .strictObject({ sha256, bytes: wholeNumber(0, uploadBytesMax).meta({ description: 'Of the whole file.' }) })
  .meta({ id: 'UploadRequest' });

export const uploadView = z
  .object({
    sha256: z.string(),
    place: z
      .object({ url: z.string(), headers: z.record(z.string(), z.string()) })
      .nullable()
      .meta({
        description:
          'Where the file is sent, by one PUT with these headers, within an hour; a path is one of this server. null: '
          + 'it is there already.',
      }),
  })
  .meta({ id: 'Upload' });

const glob = z
  .string()
  .min(1)
  .max(200)
  .refine(
    staysBelow,
    'must be a pattern of paths below the working directory, e.g. "dist/**": no "..", no "/" before it',
  );

export const artifacts = z
  .array(glob, 'must be a list of patterns, e.g. ["dist/**", "report.xml"]')
  .min(1)
  .max(artifactGlobsMax)
  .meta({
    description:
      'Patterns of the files that are kept when an attempt has ended, however it ended: `*` and `?` within a part of a '
      + 'path, `**` over parts, `{a,b}` and `[a-z]` (docs/files.md).',
  });

export const output = z
  .strictObject({
    keepMib: wholeNumber(1, outputKeepMibMax).meta({
      description: `So many MiB of each stream, from its beginning; at most ${String(outputKeepMibMax)}.`,
    }),
  })
  .meta({
    description:
      'What is kept of its output when an attempt has ended. Unless given, of each stream the first and the last 128 '
      + 'KiB are.',
  });

const bytes = z.int().meta({ description: 'Bytes.' });
const fileUrl = z.string().meta({ description: 'For a GET within an hour; a path is one of this server.' });

const wholeStream = z.object({ bytes, sha256: z.string(), url: fileUrl });
/** Of an output that is kept whole, or as much as was asked for. */
export const wholeOutputView = z
  .object({
    stdout: wholeStream,
    stderr: wholeStream,
    leftOutBytes: z.object({ stdout: bytes, stderr: bytes }).meta({ description: 'Behind what is kept.' }),
  })
  .meta({
    id: 'WholeOutput',
    description: 'Where each stream can be fetched as the task wrote it, where the request has `output`.',
  });

export const artifactsView = z
  .object({
    attempt: z
      .string()
      .nullable()
      .meta({ description: 'The latest attempt that has kept its files; null: none has (yet).' }),
    items: z.array(z.object({ path: z.string(), bytes, sha256: z.string(), url: fileUrl })),
    leftOut: z
      .array(z.object({ path: z.string(), why: z.string() }))
      .meta({ description: 'The first of those that matched and are not kept.' }),
    leftOutCount: z.int(),
  })
  .meta({ id: 'Artifacts' });
