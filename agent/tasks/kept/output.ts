// The output of attempts: tasks append to plain files, which therefore survive a restart of the agent; the
// agent keeps the files small (head and tail) and makes bounded text of them.
import { ftruncateSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentLimits } from '../../../lib/api/limits.ts';
import type { OutputUpload } from '../../../lib/api/schemas/agent-protocol.ts';
import { leftOutLine } from '../../../lib/core/values/output.ts';
import { readLast, readRange, statsOf, withFile } from '../task-files.ts';

const streams = ['stdout', 'stderr'] as const;
type Stream = (typeof streams)[number];
const halfBytes = Math.floor(agentLimits.outputBytesPerStream / 2) - 64; // room for the line in between
/** Of the head: a character that half of the text would split can be seen to be one. */
const headBytes = halfBytes + 3;
/** Above this size a file is cut back to its head and tail, so that a chatty task cannot fill the disk. */
export const trimAboveBytes = 4 * 1024 * 1024;

/** Changes whenever there is new output. */
export function outputMark(dir: string): string {
  const sizeOf = (file: string): number => statsOf(join(dir, file))?.size ?? 0;
  return streams.map((stream) => [sizeOf(stream), sizeOf(`${stream}.tail`)].join('/')).join(' ');
}

/**
 * Cuts long streams back. The task's descriptors append, so after a truncation it goes on at the new end;
 * what it writes in the microseconds between our read and the truncation falls into the gap that is
 * left out anyway. Answers the bytes that the streams hold now. @throws where the disk is full
 */
export function trimOutput(dir: string): number {
  const bytes = streams.map(
    (stream) =>
      withFile(join(dir, stream), 'cut', (fd, size) => {
        if (size > trimAboveBytes) trim(dir, stream, fd, size);
        return size;
      }) ?? 0,
  ); // a file that the task deleted is its own loss
  return bytes.reduce((a, b) => a + b, 0);
}

function trim(dir: string, stream: Stream, fd: number, size: number): void {
  const before = trimmedOf(dir, stream);
  if (before === null) replace(join(dir, `${stream}.head`), readRange(fd, 0, headBytes));
  replace(join(dir, `${stream}.tail`), readRange(fd, size - halfBytes, halfBytes));
  ftruncateSync(fd, 0);
  replace(join(dir, `${stream}.gone`), Buffer.from(String((before?.goneBytes ?? 0) + size)));
}

/** Whatever the task has put there: a link is replaced, not followed. */
function replace(file: string, content: Buffer): void {
  if (statsOf(file)?.isFile() === false) rmSync(file, { recursive: true, force: true });
  writeFileSync(file, content);
}

interface Trimmed {
  readonly head: Buffer;
  readonly tail: Buffer;
  /** Of the stream, in front of what the file holds. */
  readonly goneBytes: number;
}

/** What was cut off; null: nothing yet, or the task has deleted it. */
function trimmedOf(dir: string, stream: Stream): Trimmed | null {
  const head = readLast(join(dir, `${stream}.head`), headBytes);
  if (head === null) return null;
  const gone = Number(readLast(join(dir, `${stream}.gone`), 20)?.toString('utf8') ?? '0');
  const tail = readLast(join(dir, `${stream}.tail`), halfBytes) ?? Buffer.alloc(0);
  return { head, tail, goneBytes: Number.isSafeInteger(gone) && gone >= 0 ? gone : 0 };
}

export function readOutput(dir: string): OutputUpload {
  const [stdout, stderr] = streams.map((stream) => readStream(dir, stream));
  const leftOutBytes = { stdout: stdout?.leftOut ?? 0, stderr: stderr?.leftOut ?? 0 };
  return {
    stdout: stdout?.text ?? '',
    stderr: stderr?.text ?? '',
    truncated: stdout?.isTruncated === true || stderr?.isTruncated === true,
    ...(leftOutBytes.stdout + leftOutBytes.stderr === 0 ? {} : { leftOutBytes }),
  };
}

interface Text {
  readonly text: string;
  readonly isTruncated: boolean;
  readonly leftOut: number;
}

function readStream(dir: string, stream: Stream): Text {
  const trimmed = trimmedOf(dir, stream);
  return (
    withFile(join(dir, stream), 'read', (fd, size): Text => {
      if (trimmed !== null) {
        const last = Buffer.concat([trimmed.tail, readRange(fd, Math.max(0, size - halfBytes), halfBytes)]);
        return headAndTail(trimmed.head, last, trimmed.goneBytes + size);
      }
      if (size > 2 * halfBytes)
        return headAndTail(readRange(fd, 0, headBytes), readRange(fd, size - halfBytes, halfBytes), size);
      const whole = readRange(fd, 0, size);
      const text = whole.toString('utf8');
      // Bytes that are no UTF-8 become three bytes each, which may be too long again.
      return Buffer.byteLength(text) <= 2 * halfBytes
        ? { text, isTruncated: false, leftOut: 0 }
        : headAndTail(whole, whole, size);
    })
    ?? (trimmed === null
      ? { text: '', isTruncated: true, leftOut: 0 }
      : headAndTail(trimmed.head, trimmed.tail, trimmed.goneBytes))
  );
}

/** `first` and `last`: how a stream of so many bytes begins and ends. */
function headAndTail(first: Buffer, last: Buffer, totalBytes: number): Text {
  const head = headOf(first);
  const tail = tailOf(last);
  const leftOut = Math.max(0, totalBytes - head.length - tail.length);
  return {
    text: `${head.toString('utf8')}${leftOutLine(leftOut)}${tail.toString('utf8')}`,
    isTruncated: true,
    leftOut,
  };
}

/** As many bytes from the start as are half of the text, not splitting a character. */
function headOf(from: Buffer): Buffer {
  const text = (bytes: number): Buffer => from.subarray(0, wholeCharacters(from, bytes));
  return text(mostBytes(from.length, (bytes) => text(bytes)));
}

function tailOf(from: Buffer): Buffer {
  const text = (bytes: number): Buffer => from.subarray(wholeCharacters(from, from.length - bytes, 1));
  return text(mostBytes(from.length, (bytes) => text(bytes)));
}

/** The most bytes of which the text is not longer than half: bytes that are no UTF-8 are three bytes in it. */
function mostBytes(length: number, cut: (bytes: number) => Buffer): number {
  let [fits, above] = [0, Math.min(length, halfBytes) + 1];
  while (above - fits > 1) {
    const middle = Math.floor((fits + above) / 2);
    if (Buffer.byteLength(cut(middle).toString('utf8')) <= halfBytes) fits = middle;
    else above = middle;
  }
  return fits;
}

/** The next border of characters, backward or forward; what continues nothing within four bytes is no character. */
function wholeCharacters(from: Buffer, at: number, step: 1 | -1 = -1): number {
  for (let border = at; border >= 0 && border <= from.length && Math.abs(border - at) < 4; border += step) {
    if (((from[border] ?? 0) & 0xc0) !== 0x80) return border;
  }
  return at;
}
