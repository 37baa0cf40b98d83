// Where the output of attempts is kept: bounded text per stream, written by agents, read by applications.
import { leftOutLine } from '../core/values/output.ts';
import type { LeftOutBytes } from '../core/values/output.ts';

export interface AttemptOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** The agent kept only the head and tail, or the reader asked for less than there is. */
  readonly isTruncated: boolean;
  /** How much of each stream is not in the text for either reason. */
  readonly leftOutBytes: LeftOutBytes;
}

export interface Outputs {
  /** Where the agent of this attempt sends its output (a presigned URL on AWS, a path of the agent API locally). */
  uploadUrl(attemptId: string): Promise<string>;
  /** Replaces what was kept for the attempt. */
  write(attemptId: string, output: AttemptOutput): Promise<void>;
  /** Last `tailBytes` of each stream, no character split; null when nothing was kept. */
  read(attemptId: string, tailBytes: number): Promise<AttemptOutput | null>;
}

/** For stores of outputs: the last `tailBytes` of each stream of what is kept. */
export function lastOf(kept: AttemptOutput, tailBytes: number): AttemptOutput {
  const stdout = tailOf(kept.stdout, kept.leftOutBytes.stdout, tailBytes);
  const stderr = tailOf(kept.stderr, kept.leftOutBytes.stderr, tailBytes);
  return {
    stdout: stdout.text,
    stderr: stderr.text,
    isTruncated: kept.isTruncated || stdout.isCut || stderr.isCut,
    leftOutBytes: { stdout: stdout.leftOut, stderr: stderr.leftOut },
  };
}

interface Tail {
  readonly text: string;
  readonly leftOut: number;
  readonly isCut: boolean;
}

function tailOf(text: string, leftOut: number, tailBytes: number): Tail {
  const whole = Buffer.from(text);
  if (whole.length <= tailBytes) return { text, leftOut, isCut: false };
  let start = whole.length - tailBytes;
  while (start < whole.length && isContinuation(whole[start])) start += 1;
  // The line in the place of what the agent left out is no output: half of it is not shown, and it does not count.
  const line = Buffer.from(leftOut === 0 ? '' : leftOutLine(leftOut));
  const lineAt = line.length === 0 ? -1 : whole.indexOf(line);
  const isBehind = lineAt >= 0 && start > lineAt;
  if (isBehind) start = Math.max(start, lineAt + line.length);
  const cut = isBehind ? start - line.length : start;
  return { text: whole.subarray(start).toString('utf8'), leftOut: leftOut + cut, isCut: true };
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** How much of each stream a reader has, of one attempt. */
export interface OutputPosition {
  readonly attempt: number;
  readonly stdout: number;
  readonly stderr: number;
}

/**
 * What of the kept output is behind the position, and the next one. `isGrowing`: a character that is not whole yet at
 * the end of a stream is left for the next look.
 */
export function outputSince(
  kept: AttemptOutput,
  since: OutputPosition,
  isGrowing: boolean,
): { readonly output: AttemptOutput; readonly next: OutputPosition } {
  const [stdout, stderr] = (['stdout', 'stderr'] as const).map((stream) =>
    behind(kept[stream], kept.leftOutBytes[stream], since[stream], isGrowing),
  ) as [Behind, Behind];
  return {
    output: {
      stdout: stdout.text,
      stderr: stderr.text,
      isTruncated: stdout.leftOut + stderr.leftOut > 0,
      leftOutBytes: { stdout: stdout.leftOut, stderr: stderr.leftOut },
    },
    next: { attempt: since.attempt, stdout: stdout.next, stderr: stderr.next },
  };
}

interface Behind {
  readonly text: string;
  readonly leftOut: number;
  readonly next: number;
}

function behind(text: string, leftOut: number, since: number, isGrowing: boolean): Behind {
  const whole = Buffer.from(isGrowing ? text.replace(/\ufffd{1,3}$/, '') : text);
  const line = Buffer.from(leftOut === 0 ? '' : leftOutLine(leftOut));
  const lineAt = leftOut === 0 ? -1 : whole.indexOf(line);
  if (lineAt < 0) {
    const start = Math.min(since, whole.length);
    return { text: textFrom(whole, start), leftOut: 0, next: whole.length };
  }
  const tail = whole.subarray(lineAt + line.length);
  const tailAt = lineAt + leftOut;
  const next = tailAt + tail.length;
  if (since >= tailAt) return { text: textFrom(tail, Math.min(since - tailAt, tail.length)), leftOut: 0, next };
  if (since <= lineAt) return { text: textFrom(whole, since), leftOut, next };
  return { text: `${leftOutLine(tailAt - since)}${tail.toString('utf8')}`, leftOut: tailAt - since, next };
}

function textFrom(bytes: Buffer, at: number): string {
  let start = at;
  while (start < bytes.length && isContinuation(bytes[start])) start += 1;
  return bytes.subarray(start).toString('utf8');
}
