// Files of applications: where uploads are sent, whether those that a request names are there, what tasks have kept.
import { ProblemError } from '../../lib/api/problems.ts';
import type { AnswerOf, InputOf, routes } from '../../lib/api/routes.ts';
import { artifactList } from '../../lib/api/schemas/agent-protocol.ts';
import type { ApplicationUseCases, Submission } from '../../lib/control/use-cases.ts';
import { uploadFreshMs } from '../../lib/core/access/files.ts';
import { nothingLeftOut } from '../../lib/core/values/output.ts';
import { artifactKeys, uploadKey } from '../../lib/control/store/file-keys.ts';
import type { Files } from '../../lib/ports/access/files.ts';

export interface UploadOptions {
  readonly files: Files;
  readonly clock: { nowMs(): number };
}

type Route = (typeof routes)['createUpload'];
type Artifacts = (typeof routes)['getArtifacts'];

/** What is there since long is sent again, so that it stays. */
export async function createUpload(
  { files, clock }: UploadOptions,
  tenant: string,
  { sha256, bytes }: InputOf<Route>['body'],
): Promise<AnswerOf<Route>> {
  const key = uploadKey(tenant, sha256);
  const there = await files.look(key);
  const isFresh = there?.bytes === bytes && clock.nowMs() - there.writtenAtMs < uploadFreshMs;
  return { sha256, place: isFresh ? null : await files.uploadTo(key, { sha256, bytes }) };
}

/** Of many submissions that name the same upload it is looked for once. */
export function lookingOnce(files: Files): Pick<Files, 'look'> {
  const seen = new Map<string, ReturnType<Files['look']>>();
  return {
    look: (key) => {
      const look = seen.get(key) ?? files.look(key);
      seen.set(key, look);
      return look;
    },
  };
}

/** With the problem unknown_upload as what is missing, where one is. */
export async function withUploadsLookedFor(files: Pick<Files, 'look'>, submission: Submission): Promise<Submission> {
  const { tenant, spec } = submission;
  if (spec.type !== 'task') return submission;
  for (const [at, { upload }] of (spec.inputs ?? []).entries()) {
    if (upload === undefined || (await files.look(uploadKey(tenant, upload))) !== null) continue;
    const missing = new ProblemError(
      'unknown_upload',
      `you have no upload ${upload} here (any more); ask POST /v1/uploads where it can be sent`,
      [{ path: `inputs[${String(at)}].upload`, message: 'is not there' }],
    );
    return { ...submission, missing };
  }
  return submission;
}

export async function readArtifacts(
  { useCases, files }: { readonly useCases: Pick<ApplicationUseCases, 'attemptsOf'>; readonly files: Files },
  tenant: string,
  { params: { id }, query: { index } }: InputOf<Artifacts>,
): Promise<AnswerOf<Artifacts>> {
  const attempts = await useCases.attemptsOf(tenant, id, index ?? null);
  if (attempts === null)
    throw new ProblemError('not_found', `there is no task ${String(index ?? 0)} of a request ${id}`);
  for (const attempt of attempts) {
    const keys = artifactKeys(attempt);
    const text = await files.read(keys.list);
    if (text === null) continue;
    const list = artifactList.parse(JSON.parse(text));
    const items = list.files.map(async (one) => ({ ...one, url: await files.downloadFrom(keys.of(one.sha256)) }));
    return { attempt, items: await Promise.all(items), leftOut: [...list.leftOut], leftOutCount: list.leftOutCount };
  }
  return { attempt: null, items: [], leftOut: [], leftOutCount: 0 };
}

/** undefined: the attempt has kept none (yet). */
export async function readWholeOutput(
  files: Files,
  attemptId: string,
): Promise<AnswerOf<(typeof routes)['getOutput']>['whole']> {
  const keys = artifactKeys(attemptId);
  const text = await files.read(keys.output);
  if (text === null) return undefined;
  const { files: streams, output } = artifactList.parse(JSON.parse(text));
  const streamOf = async (name: 'stdout' | 'stderr') => {
    const stream = streams.find((one) => one.path === name);
    if (stream === undefined || output === undefined)
      throw new TypeError(`what is kept of the output of ${attemptId} has no ${name}`);
    const { bytes, sha256 } = stream;
    return { bytes, sha256, url: await files.downloadFrom(keys.of(sha256)) };
  };
  const [stdout, stderr] = await Promise.all([streamOf('stdout'), streamOf('stderr')]);
  return { stdout, stderr, leftOutBytes: output?.leftOutBytes ?? nothingLeftOut };
}
