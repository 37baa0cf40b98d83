// Reads a trace from a file, in the format that its name says.
import { readFileSync, statSync } from 'node:fs';
import { readCsv } from './csv.ts';
import { TraceError, traceBounds } from './trace.ts';
import type { Trace } from './trace.ts';

/** @throws TraceError */
export function readTrace(file: string): Trace {
  try {
    const { size } = statSync(file);
    if (size > traceBounds.fileBytes)
      throw new TraceError(`it has ${String(size)} bytes; at most ${String(traceBounds.fileBytes)} are read`);
    if (!/\.csv$/i.test(file)) throw new TraceError('its name does not say the format; name it .csv');
    return readCsv(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new TraceError(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
