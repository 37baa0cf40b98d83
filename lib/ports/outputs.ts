// Where the output of attempts is kept: bounded text per stream, written by agents, read by applications. A byte that
// is no UTF-8 is in the text as `textOfBytes` has it.
import { borderOf, bytesOfText, leftOutLine, textOfBytes } from '../core/values/output.ts';
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

/** As somebody reads it. */
export interface SeenOutput extends AttemptOutput {
  /** What the task wrote, without the line in the place of what is left out. */
  readonly bytes: { readonly stdout: Uint8Array; readonly stderr: Uint8Array };
}

/** For stores of outputs: the last `tailBytes` of each stream of what is kept. */
export function lastOf(kept: AttemptOutput, tailBytes: number): AttemptOutput {
  const { bytes: _bytes, ...output } = lastSeen(kept, tailBytes);
  return output;
}

export function lastSeen(kept: AttemptOutput, tailBytes: number): SeenOutput {
  const stdout = tailOf(kept.stdout, kept.leftOutBytes.stdout, tailBytes);
  const stderr = tailOf(kept.stderr, kept.leftOutBytes.stderr, tailBytes);
  return seenOf({ stdout, stderr }, kept.isTruncated || stdout.isCut || stderr.isCut);
}

/** Of one stream. */
interface Seen {
  readonly head: Buffer;
  /** So many bytes are missing between head and tail. */
  readonly gap: number;
  readonly tail: Buffer;
  /** In the gap and in front of the head. */
  readonly leftOut: number;
}

function seenOf({ stdout, stderr }: Readonly<Record<'stdout' | 'stderr', Seen>>, isTruncated: boolean): SeenOutput {
  return {
    stdout: textOfSeen(stdout),
    stderr: textOfSeen(stderr),
    isTruncated,
    leftOutBytes: { stdout: stdout.leftOut, stderr: stderr.leftOut },
    bytes: { stdout: Buffer.concat([stdout.head, stdout.tail]), stderr: Buffer.concat([stderr.head, stderr.tail]) },
  };
}

function textOfSeen({ head, gap, tail }: Seen): string {
  return gap === 0
    ? textOfBytes(Buffer.concat([head, tail]))
    : `${textOfBytes(head)}${leftOutLine(gap)}${textOfBytes(tail)}`;
}

const nothing = Buffer.alloc(0);

/** The line in the place of what the agent left out is no output. */
function piecesOf(text: string, leftOut: number): Pick<Seen, 'head' | 'gap' | 'tail'> {
  const whole = Buffer.from(bytesOfText(text));
  const line = Buffer.from(leftOut === 0 ? '' : leftOutLine(leftOut));
  const lineAt = leftOut === 0 ? -1 : whole.indexOf(line);
  return lineAt < 0
    ? { head: whole, gap: 0, tail: nothing }
    : { head: whole.subarray(0, lineAt), gap: leftOut, tail: whole.subarray(lineAt + line.length) };
}

function tailOf(text: string, leftOut: number, tailBytes: number): Seen & { readonly isCut: boolean } {
  const { head, gap, tail } = piecesOf(text, leftOut);
  const excess = head.length + tail.length - tailBytes;
  if (excess <= 0) return { head, gap, tail, leftOut, isCut: false };
  if (excess < head.length) {
    const cut = borderOf(head, excess, 'after');
    return { head: head.subarray(cut), gap, tail, leftOut: leftOut + cut, isCut: true };
  }
  const cut = borderOf(tail, excess - head.length, 'after');
  return { head: nothing, gap: 0, tail: tail.subarray(cut), leftOut: leftOut + head.length + cut, isCut: true };
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
): { readonly output: SeenOutput; readonly next: OutputPosition } {
  const stdout = behind(kept.stdout, kept.leftOutBytes.stdout, since.stdout, isGrowing);
  const stderr = behind(kept.stderr, kept.leftOutBytes.stderr, since.stderr, isGrowing);
  return {
    output: seenOf({ stdout, stderr }, stdout.leftOut + stderr.leftOut > 0),
    next: { attempt: since.attempt, stdout: stdout.next, stderr: stderr.next },
  };
}

/** Without a character that is not whole yet at the end of a stream: what is behind the next position has it whole. */
export function withoutUnfinished(kept: AttemptOutput): AttemptOutput {
  return { ...kept, stdout: kept.stdout.replace(unfinished, ''), stderr: kept.stderr.replace(unfinished, '') };
}

/** A character that is not whole yet at the end; U+FFFD as agents of earlier versions send it. */
const unfinished = /[\ufffd\udc80-\udcff]{1,3}$/u;

function behind(text: string, leftOut: number, since: number, isGrowing: boolean): Seen & { readonly next: number } {
  const { head, gap, tail } = piecesOf(isGrowing ? text.replace(unfinished, '') : text, leftOut);
  const tailAt = head.length + gap;
  const next = tailAt + tail.length;
  if (gap === 0) return { head: from(head, since), gap: 0, tail: nothing, leftOut: 0, next };
  if (since >= tailAt) return { head: nothing, gap: 0, tail: from(tail, since - tailAt), leftOut: 0, next };
  if (since <= head.length) return { head: from(head, since), gap, tail, leftOut: gap, next };
  return { head: nothing, gap: tailAt - since, tail, leftOut: tailAt - since, next };
}

function from(bytes: Buffer, at: number): Buffer {
  return bytes.subarray(borderOf(bytes, Math.min(at, bytes.length), 'after'));
}
