// The agent's memory: an append-only file. A start is on the disk before the process exists, so no restart
// can start it a second time.
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { attemptUsage, healthCheck } from '../lib/api/schemas/agent-protocol.ts';
import type { AttemptEnd } from '../lib/core/records/sync.ts';
import { checkpointSignals } from '../lib/core/records/request.ts';
import { BellowsError } from '../lib/core/values/errors.ts';
import type { AttemptFacts, JournalRecord } from './core/types.ts';
import { isCode } from './tasks/process-table.ts';

const compactAboveBytes = 512 * 1024;

const outcome = z.enum(['exited', 'timeout', 'withdrawn', 'error', 'refused', 'fenced']);
const facts: z.ZodType<AttemptFacts> = z.object({
  attemptId: z.string(),
  resources: z.object({ cpuMilli: z.int(), memoryMib: z.int(), gpu: z.int() }),
  timeoutMs: z.number().nullable(),
  tenant: z.string().exactOptional(),
  graceMs: z.number().exactOptional(),
  checkpoint: z.object({ signal: z.enum(checkpointSignals) }).exactOptional(),
  outputUrl: z.string(),
  health: healthCheck.exactOptional(),
  preStop: z.object({ argv: z.array(z.string()).min(1) }).exactOptional(),
});
const end: z.ZodType<AttemptEnd> = z.object({
  attemptId: z.string(),
  outcome,
  exitCode: z.int().nullable(),
  message: z.string().nullable(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number(),
  usage: attemptUsage.exactOptional(),
  imageDigest: z.string().exactOptional(),
  isOutOfMemory: z.literal(true).exactOptional(),
  isSaved: z.literal(true).exactOptional(),
  preStop: z.string().exactOptional(),
  output: z.object({ stdout: z.string(), stderr: z.string(), truncated: z.boolean() }).exactOptional(),
});
const record: z.ZodType<JournalRecord> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start'), facts }),
  z.object({ kind: z.literal('stop'), attemptId: z.string(), outcome, message: z.string() }),
  z.object({ kind: z.literal('end'), facts, end, isFinal: z.boolean().optional() }),
  z.object({ kind: z.literal('acknowledged'), attemptIds: z.array(z.string()) }),
  z.object({ kind: z.literal('remembered'), ends: z.array(end) }),
  z.object({
    kind: z.literal('contact'),
    contact: z.object({ sentAtMs: z.number(), fenceMs: z.number(), killGraceMs: z.number() }),
  }),
]);

/** A line that is neither a record nor the torn last one. Starting without it could run a task twice. */
export class JournalError extends BellowsError {
  constructor(file: string, line: number, why: string) {
    super(
      'journal_unreadable',
      `line ${String(line)} of the agent's journal ${file} is unreadable (${why}); the node has to be replaced`,
    );
  }
}

/** The agent cannot remember what it is about to do, so it does nothing more. */
export class JournalWriteError extends BellowsError {
  constructor(cause: unknown) {
    const isFull = isCode(cause, 'ENOSPC') || isCode(cause, 'EDQUOT');
    const why =
      `${cause instanceof Error ? cause.message : String(cause)}`
      + `${isFull ? ': the disk of this node is full' : ''}`;
    super(
      'journal_not_written',
      `the agent's journal cannot be written (${why}); the agent ends, and its tasks run elsewhere`,
      { cause },
    );
  }
}

export class Journal {
  readonly #file: string;
  #fd: number;
  #bytes: number;
  #isOnDisk = true;
  #compactAt: number = compactAboveBytes;

  // 0600: output URLs are in it, and who has one may overwrite another task's output.
  private constructor(file: string) {
    this.#file = file;
    this.#fd = openSync(file, 'a', 0o600);
    this.#bytes = fstatSync(this.#fd).size;
  }

  /** Reads what is there and opens it for appending. @throws JournalError */
  static open(file: string): { journal: Journal; records: readonly JournalRecord[] } {
    const records = readJournal(file);
    const journal = new Journal(file);
    // A torn last line must not become the beginning of the next record.
    journal.replace(records);
    return { journal, records };
  }

  /** @throws JournalWriteError */
  append(one: JournalRecord, isDurable: boolean): void {
    const text = Buffer.from(`${JSON.stringify(one)}\n`);
    this.#isOnDisk = false;
    try {
      writeAll(this.#fd, text);
    } catch (error) {
      throw new JournalWriteError(error);
    }
    this.#bytes += text.length;
    if (isDurable) this.flush();
  }

  /** Returns when all that was appended is on the disk. @throws JournalWriteError */
  flush(): void {
    if (this.#isOnDisk) return;
    try {
      fsyncSync(this.#fd);
    } catch (error) {
      throw new JournalWriteError(error);
    }
    this.#isOnDisk = true;
  }

  /** Replaces a file that has grown by the shortest records of the same meaning. */
  compactWhenGrown(shortest: () => readonly JournalRecord[]): void {
    if (this.#bytes <= this.#compactAt) return;
    // Where it fails, not again at once.
    this.#compactAt = 2 * this.#bytes;
    this.replace(shortest());
  }

  replace(records: readonly JournalRecord[]): void {
    const aside = `${this.#file}.new`;
    const text = Buffer.from(records.map((one) => `${JSON.stringify(one)}\n`).join(''));
    const fd = openSync(aside, 'w', 0o600);
    try {
      writeAll(fd, text);
      fsyncSync(fd);
      renameSync(aside, this.#file);
    } catch (error) {
      // The old file is there still, and goes on.
      closeSync(fd);
      throw error;
    }
    closeSync(this.#fd);
    this.#fd = fd;
    this.#bytes = text.length;
    this.#isOnDisk = true;
    this.#compactAt = Math.max(compactAboveBytes, 2 * this.#bytes);
    syncDirectory(dirname(this.#file));
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

export function journalFile(stateDir: string): string {
  return join(stateDir, 'journal.jsonl');
}

function readJournal(file: string): readonly JournalRecord[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
  const lines = text.split('\n');
  // Without its newline the last line was never completely written, so what it announces did not happen.
  lines.pop();
  return lines.map((line, at) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw new JournalError(file, at + 1, error instanceof Error ? error.message : 'no JSON');
    }
    const parsed = record.safeParse(value);
    if (!parsed.success) throw new JournalError(file, at + 1, z.prettifyError(parsed.error));
    return parsed.data;
  });
}

function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
