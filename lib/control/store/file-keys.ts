// Under which keys files are kept (lib/ports/access/files.ts).
import { createHash } from 'node:crypto';

/** Of one attempt: what is kept of it, and each of these files. */
export function artifactKeys(attemptId: string): {
  readonly list: string;
  /** The list of the streams of its output, where they are kept whole. */
  readonly output: string;
  of(sha256: string): string;
} {
  const folder = `artifacts/${attemptId.split('.')[0] ?? ''}/${attemptId}`;
  return { list: `${folder}/list.json`, output: `${folder}/output.json`, of: (sha256) => `${folder}/${sha256}` };
}

/** By what it contains, so that nothing is sent twice; apart by tenant: nobody finds out what others have sent. */
export function uploadKey(tenant: string, sha256: string): string {
  return `uploads/${createHash('sha256').update(tenant).digest('hex').slice(0, 32)}/${sha256}`;
}
