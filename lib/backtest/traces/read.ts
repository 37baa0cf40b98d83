// Reads a trace from a file, in the format that its name says.
import { readFileSync, statSync } from 'node:fs';
import { readCsv } from './csv.ts';
import { readJsonJobs } from './json-jobs.ts';
import { readSacct } from './sacct.ts';
import { readSwf } from './swf.ts';
import { TraceError, traceBounds } from './trace.ts';
import type { Trace } from './trace.ts';

const readers: readonly (readonly [ending: RegExp, read: (text: string) => Trace])[] = [
  [/\.csv$/i, readCsv],
  [/\.swf$/i, readSwf],
  [/\.(sacct|txt|psv)$/i, readSacct],
  [/\.(json|jsonl|ndjson)$/i, readJsonJobs],
];

/** @throws TraceError */
export function readTrace(file: string): Trace {
  try {
    const { size } = statSync(file);
    if (size > traceBounds.fileBytes)
      throw new TraceError(`it has ${String(size)} bytes; at most ${String(traceBounds.fileBytes)} are read`);
    const read = readers.find(([ending]) => ending.test(file))?.[1];
    if (read === undefined)
      throw new TraceError(
        'its name does not say the format; name it .csv, .swf, .sacct (sacct --parsable2) or .json (AWS Batch, '
          + 'GitHub, CloudWatch)',
      );
    return read(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new TraceError(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
