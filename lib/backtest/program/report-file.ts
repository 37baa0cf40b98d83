// The file of a report: whether it can be written is known before a run of minutes, not after it.
import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';

/** A report cannot be written where it is wanted, or at all. */
export class ReportFileError extends Error {}

/** Leaves no file behind that was not there. @throws ReportFileError */
export function assertWritable(file: string): void {
  const isThere = existsSync(file);
  try {
    closeSync(openSync(file, 'a'));
  } catch (error) {
    throw notWritten(file, error);
  }
  if (!isThere) rmSync(file);
}

/** `page`: made here, since one that is too large is none. @throws ReportFileError */
export function writeReport(file: string, page: () => string): void {
  try {
    writeFileSync(file, page());
  } catch (error) {
    throw notWritten(file, error);
  }
}

function notWritten(file: string, error: unknown): ReportFileError {
  const why = error instanceof Error ? error.message : String(error);
  return new ReportFileError(`the report cannot be written to ${file}: ${why}`, { cause: error });
}
