// Output of attempts as files: one per attempt, in a folder per request.
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { outputPath } from '../../../api/schemas/agent-protocol.ts';
import { BellowsError } from '../../../core/values/errors.ts';
import { nothingLeftOut } from '../../../core/values/output.ts';
import { parseAttemptId } from '../../../core/records/request.ts';
import { lastOf } from '../../../ports/outputs.ts';
import type { AttemptOutput, Outputs } from '../../../ports/outputs.ts';

const bytes = z.object({ stdout: z.int(), stderr: z.int() });
const stored = z.object({
  stdout: z.string(),
  stderr: z.string(),
  isTruncated: z.boolean(),
  // Not in what earlier versions kept.
  leftOutBytes: bytes.default(nothingLeftOut),
});

export class InvalidAttemptIdError extends BellowsError {
  constructor(attemptId: string) {
    super(
      'invalid_attempt_id',
      `${JSON.stringify(attemptId)} is no attempt id (request.index.attempt of letters, digits, "-" and "_"), `
        + 'so it names no output',
    );
  }
}

export class LocalOutputs implements Outputs {
  readonly #dir: string;
  #serial = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async uploadUrl(attemptId: string): Promise<string> {
    return outputPath(attemptId);
  }

  async write(attemptId: string, output: AttemptOutput): Promise<void> {
    const { dir, file } = this.#place(attemptId);
    await mkdir(dir, { recursive: true });
    this.#serial += 1;
    // Renamed into place, so that a reader or a crash never meets half of it.
    const aside = `${file}.${String(process.pid)}-${String(this.#serial)}.new`;
    await writeFile(aside, JSON.stringify(output));
    await rename(aside, file);
  }

  async read(attemptId: string, tailBytes: number): Promise<AttemptOutput | null> {
    let text: string;
    try {
      text = await readFile(this.#place(attemptId).file, 'utf8');
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
    return lastOf(stored.parse(JSON.parse(text)), tailBytes);
  }

  /** Deletes what was not written to since then. */
  async prune(olderThanMs: number): Promise<void> {
    let requests: string[];
    try {
      requests = await readdir(this.#dir);
    } catch (error) {
      if (isAbsent(error)) return;
      throw error;
    }
    for (const request of requests) {
      const dir = join(this.#dir, request);
      if ((await stat(dir)).mtimeMs < olderThanMs) await rm(dir, { recursive: true, force: true });
    }
  }

  #place(attemptId: string): { dir: string; file: string } {
    const parsed = parseAttemptId(attemptId);
    if (parsed === null || !/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(parsed.requestId))
      throw new InvalidAttemptIdError(attemptId);
    const dir = join(this.#dir, parsed.requestId);
    return { dir, file: join(dir, `${attemptId}.json`) };
  }
}

function isAbsent(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
