// The output of attempts: tasks append to plain files, which therefore survive a restart of the agent; the
// agent keeps the files small (head and tail) and makes bounded text of them. Where more of it is wanted, the head is
// so much longer.
import { ftruncateSync, fstatSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { agentLimits } from '../../../lib/api/limits.ts';
import type { OutputUpload } from '../../../lib/api/schemas/agent-protocol.ts';
import {
  bytesPerMib,
  headWithin,
  leftOutLine,
  outputKeepMibMax,
  tailWithin,
  textOfBytes,
} from '../../../lib/core/values/output.ts';
import { readLast, readRange, statsOf, withFile } from '../task-files.ts';

const streams = ['stdout', 'stderr'] as const;
type Stream = (typeof streams)[number];
const halfBytes = Math.floor(agentLimits.outputBytesPerStream / 2) - 64; // room for the line in between
/** Of the head and of the tail: a character that half of the text would split can be seen to be one. */
const endBytes = halfBytes + 3;
/**
 * So much above what is wanted whole a file is cut back to its head and tail, so that a chatty task cannot fill the
 * disk.
 */
export const trimAboveBytes = 4 * 1024 * 1024;
/** A long head is copied in parts: the agent has other things to do. */
const copyBytes = 16 * 1024 * 1024;
const pieceBytes = 1024 * 1024;

/** Changes whenever there is new output. */
export function outputMark(dir: string): string {
  const of = (file: string): number => sizeOf(join(dir, file));
  return streams.map((stream) => [of(stream), of(`${stream}.tail`)].join('/')).join(' ');
}

function sizeOf(file: string): number {
  return statsOf(file)?.size ?? 0;
}

/** So many MiB of each stream of the attempt are wanted whole; null: head and tail are enough. */
export function wantWhole(dir: string, mib: number): void {
  writeFileSync(join(dir, wishFile), String(mib));
}

const wishFile = 'keep-output';

/** null: head and tail are enough. */
export function wholeBytesOf(dir: string): number | null {
  const mib = Number(readLast(join(dir, wishFile), 10)?.toString('utf8') ?? 'none');
  return Number.isSafeInteger(mib) && mib >= 1 && mib <= outputKeepMibMax ? mib * bytesPerMib : null;
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
        if (size > trimAboveBytes) trim(dir, stream, fd);
        return size;
      }) ?? 0,
  ); // a file that the task deleted is its own loss
  return bytes.reduce((a, b) => a + b, 0);
}

function trim(dir: string, stream: Stream, fd: number): void {
  const before = trimmedOf(dir, stream);
  if (before === null) {
    const whole = wholeBytesOf(dir) ?? 0;
    const bytes = Math.max(endBytes, whole);
    if (fstatSync(fd).size <= whole + trimAboveBytes || !hasHead(join(dir, `${stream}.head`), fd, bytes)) return;
  }
  const { size } = fstatSync(fd);
  replace(join(dir, `${stream}.tail`), readRange(fd, size - endBytes, endBytes));
  ftruncateSync(fd, 0);
  replace(join(dir, `${stream}.gone`), Buffer.from(String((before?.goneBytes ?? 0) + size)));
}

/** Copies the next part of it; false: it is not whole yet, and the stream stays as it is. */
function hasHead(file: string, fd: number, bytes: number): boolean {
  const part = `${file}.part`;
  if (statsOf(part)?.isFile() !== true) replace(part, Buffer.alloc(0));
  const isWhole = withFile(part, 'cut', (to, copied) => {
    const end = Math.min(bytes, copied + copyBytes);
    for (let at = copied; at < end;)
      at += writeSync(to, readRange(fd, at, Math.min(pieceBytes, end - at)), 0, null, at);
    return end === bytes;
  });
  if (isWhole !== true) return false;
  if (statsOf(file) !== null) rmSync(file, { recursive: true, force: true });
  renameSync(part, file);
  return true;
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
  const head = withFile(join(dir, `${stream}.head`), 'read', (fd, size) => readRange(fd, 0, Math.min(size, endBytes)));
  if (head === null) return null;
  const gone = Number(readLast(join(dir, `${stream}.gone`), 20)?.toString('utf8') ?? '0');
  const tail = readLast(join(dir, `${stream}.tail`), endBytes) ?? Buffer.alloc(0);
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

/** What of one stream is kept whole. */
export interface WholeStream {
  readonly stream: Stream;
  /** In the attempt's folder. */
  readonly file: string;
  /** From its beginning. */
  readonly bytes: number;
  readonly leftOut: number;
}

/** Each stream as far as it is wanted; null: {@link readOutput} has all that there is, or no more is wanted. */
export function wholeOutput(dir: string): readonly WholeStream[] | null {
  const most = wholeBytesOf(dir);
  return most === null || !readOutput(dir).truncated ? null : streams.map((stream) => wholeStream(dir, stream, most));
}

function wholeStream(dir: string, stream: Stream, most: number): WholeStream {
  const trimmed = trimmedOf(dir, stream);
  const now = sizeOf(join(dir, stream));
  const file = trimmed === null ? stream : `${stream}.head`;
  const bytes = Math.min(most, trimmed === null ? now : sizeOf(join(dir, file)));
  return { stream, file, bytes, leftOut: Math.max(0, (trimmed?.goneBytes ?? 0) + now - bytes) };
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
        const last = Buffer.concat([trimmed.tail, readRange(fd, Math.max(0, size - endBytes), endBytes)]);
        return headAndTail(trimmed.head, last, trimmed.goneBytes + size);
      }
      if (size > 2 * halfBytes)
        return headAndTail(readRange(fd, 0, endBytes), readRange(fd, size - endBytes, endBytes), size);
      const whole = readRange(fd, 0, size);
      // Bytes that are no UTF-8 are three bytes each, which may be too long again.
      return headWithin(whole, 2 * halfBytes) === whole.length
        ? { text: textOfBytes(whole), isTruncated: false, leftOut: 0 }
        : headAndTail(whole, whole, size);
    })
    ?? (trimmed === null
      ? { text: '', isTruncated: true, leftOut: 0 }
      : headAndTail(trimmed.head, trimmed.tail, trimmed.goneBytes))
  );
}

/** `first` and `last`: how a stream of so many bytes begins and ends. */
function headAndTail(first: Buffer, last: Buffer, totalBytes: number): Text {
  const head = first.subarray(0, headWithin(first, halfBytes));
  const tail = last.subarray(last.length - tailWithin(last, halfBytes));
  const leftOut = Math.max(0, totalBytes - head.length - tail.length);
  return { text: `${textOfBytes(head)}${leftOutLine(leftOut)}${textOfBytes(tail)}`, isTruncated: true, leftOut };
}
