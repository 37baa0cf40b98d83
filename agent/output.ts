// The output of attempts: tasks append to plain files, which therefore survive a restart of the agent; the
// agent keeps the files small (head and tail) and makes bounded text of them.
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentLimits } from '../lib/api/limits.ts';
import type { OutputUpload } from '../lib/api/agent-protocol.ts';

const streams = ['stdout', 'stderr'] as const;
const halfBytes = Math.floor(agentLimits.outputBytesPerStream / 2) - 64; // room for the line in between
/** Above this size a file is cut back to its head and tail, so that a chatty task cannot fill the disk. */
export const trimAboveBytes = 4 * 1024 * 1024;

/** Changes whenever there is new output. */
export function outputMark(dir: string): string {
  return streams.map((stream) => [sizeOf(join(dir, stream)), sizeOf(join(dir, `${stream}.tail`))].join('/')).join(' ');
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

/**
 * Cuts long streams back. The task's descriptors append, so after a truncation it goes on at the new end;
 * what it writes in the microseconds between our read and the truncation falls into the gap that is
 * left out anyway. Answers the bytes that the streams hold now.
 */
export function trimOutput(dir: string): number {
  let bytes = 0;
  for (const stream of streams) {
    const file = join(dir, stream);
    if (!existsSync(file)) continue; // the task deleted it: its own loss
    const fd = openSync(file, 'r+');
    try {
      const { size } = fstatSync(fd);
      bytes += size;
      if (size <= trimAboveBytes) continue;
      const head = join(dir, `${stream}.head`);
      const gone = existsSync(head) ? Number(readFileSync(join(dir, `${stream}.gone`), 'utf8')) : 0;
      if (!existsSync(head)) writeFileSync(head, readRange(fd, 0, halfBytes));
      writeFileSync(join(dir, `${stream}.tail`), readRange(fd, size - halfBytes, halfBytes));
      ftruncateSync(fd, 0);
      writeFileSync(join(dir, `${stream}.gone`), String(gone + size));
    } finally {
      closeSync(fd);
    }
  }
  return bytes;
}

export function readOutput(dir: string): OutputUpload {
  const [stdout, stderr] = streams.map((stream) => readStream(dir, stream));
  return { stdout: stdout?.text ?? '', stderr: stderr?.text ?? '', truncated: stdout?.isTruncated === true || stderr?.isTruncated === true };
}

function readStream(dir: string, stream: string): { text: string; isTruncated: boolean } {
  if (!existsSync(join(dir, stream))) return { text: '', isTruncated: true };
  const fd = openSync(join(dir, stream), 'r');
  try {
    const { size } = fstatSync(fd);
    const headFile = join(dir, `${stream}.head`);
    if (!existsSync(headFile)) {
      if (size <= 2 * halfBytes) {
        const text = readRange(fd, 0, size).toString('utf8');
        // Bytes that are no UTF-8 become three bytes each, which may be too long again.
        if (Buffer.byteLength(text) <= 2 * halfBytes) return { text, isTruncated: false };
        return join2(Buffer.from(text), Buffer.from(text), Buffer.byteLength(text));
      }
      return join2(readRange(fd, 0, halfBytes), readRange(fd, size - halfBytes, halfBytes), size);
    }
    const tail = readFileSync(join(dir, `${stream}.tail`));
    const last = Buffer.concat([tail, readRange(fd, Math.max(0, size - halfBytes), halfBytes)]);
    return join2(readFileSync(headFile), last, Number(readFileSync(join(dir, `${stream}.gone`), 'utf8')) + size);
  } finally {
    closeSync(fd);
  }
}

function join2(first: Buffer, last: Buffer, totalBytes: number): { text: string; isTruncated: boolean } {
  const head = headOf(first, halfBytes);
  const tail = tailOf(last, halfBytes);
  const leftOut = Math.max(0, totalBytes - Buffer.byteLength(head) - Buffer.byteLength(tail));
  return { text: `${head}\n[… ${String(leftOut)} bytes left out …]\n${tail}`, isTruncated: true };
}

/** At most `bytes` of UTF-8 from the start, not splitting a character. */
function headOf(from: Buffer, bytes: number): string {
  const whole = Buffer.from(from.subarray(0, bytes).toString('utf8'));
  let end = Math.min(whole.length, bytes);
  while (end > 0 && end < whole.length && isContinuation(whole[end])) end -= 1;
  return whole.subarray(0, end).toString('utf8');
}

function tailOf(from: Buffer, bytes: number): string {
  const whole = Buffer.from(from.subarray(Math.max(0, from.length - bytes)).toString('utf8'));
  let start = Math.max(0, whole.length - bytes);
  while (start < whole.length && isContinuation(whole[start])) start += 1;
  return whole.subarray(start).toString('utf8');
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function readRange(fd: number, from: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(Math.max(0, bytes));
  let read = 0;
  while (read < buffer.length) {
    const got = readSync(fd, buffer, read, buffer.length - read, from + read);
    if (got === 0) break; // it was truncated meanwhile, or is shorter
    read += got;
  }
  return buffer.subarray(0, read);
}
