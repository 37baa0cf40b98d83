// The output of a task on the terminal: the streams apart, as they are kept, and what is missing.
import { limits } from '../../lib/api/limits.ts';
import type { OutputView } from '../../lib/api/schemas/requests.ts';
import { patiently } from '../context.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { plural } from '../text.ts';
import { download } from './download.ts';

/** How it was asked for. */
export interface OutputWish {
  readonly tailBytes: number;
  /** Exactly the bytes: the answer has them in base64. */
  readonly isRaw: boolean;
}

/** For the query of an output. */
export function encodingOf({ isRaw }: Pick<OutputWish, 'isRaw'>): 'base64' | undefined {
  return isRaw ? 'base64' : undefined;
}

/** Whose output it is. `isNamed`: where the output of several is shown. */
export interface OutputOf {
  readonly id: string;
  readonly index: number | undefined;
  readonly isNamed?: boolean;
}

export async function printOutput(
  context: Context,
  task: OutputOf,
  output: OutputView,
  wish: OutputWish,
): Promise<void> {
  // Whoever wants a tail has it.
  const whole = wish.tailBytes < limits.outputTailBytesMax ? undefined : output.whole;
  const end = whole ? await endBehind(context, task, whole, output, wish) : null;
  const missing = whole ? missingOfWhole(whole, end?.leftOutBytes) : missingOf(output, wish.tailBytes);
  if (missing !== null) context.say(task.isNamed ? `task ${String(task.index)}: ${missing}` : missing);
  if (whole) await fetchStreams(context, whole, wish);
  else writeStreams(context, output, wish);
  if (end) writeStreams(context, end, wish);
}

type Whole = NonNullable<OutputView['whole']>;

/** What is kept behind the part that is kept whole: the end of what was longer. null: nothing is. */
async function endBehind(
  { client }: Context,
  { id, index }: OutputOf,
  { stdout, stderr, leftOutBytes }: Whole,
  { next }: OutputView,
  wish: OutputWish,
): Promise<OutputView | null> {
  if (next === null || leftOutBytes.stdout + leftOutBytes.stderr === 0) return null;
  const [attempt = ''] = next.split(',');
  const sinceBytes = [attempt, stdout.bytes, stderr.bytes].join(',');
  const query = { index, sinceBytes, encoding: encodingOf(wish) };
  const end = await client.call('getOutput', { params: { id }, query });
  // A retry that has ended meanwhile has another output.
  return end.next?.startsWith(`${attempt},`) === true ? end : null;
}

async function fetchStreams(context: Context, whole: Whole, { isRaw }: OutputWish): Promise<void> {
  const { environment } = context;
  for (const stream of ['stdout', 'stderr'] as const) {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    for await (const bytes of download(context, stream, whole[stream])) {
      if (isRaw) environment.bytes(stream, bytes);
      else environment[stream](decoder.decode(bytes, { stream: true }));
    }
    if (!isRaw) environment[stream](decoder.decode());
  }
}

/** `leftOutBytes`: also behind the end of it that is shown. */
function missingOfWhole(whole: Whole, leftOutBytes = whole.leftOutBytes): string | null {
  const parts = (['stdout', 'stderr'] as const)
    .filter((stream) => leftOutBytes[stream] > 0)
    .map((stream) => {
      const kept = plural(whole[stream].bytes, 'byte');
      return `${plural(leftOutBytes[stream], 'byte')} of ${stream} behind the first ${kept}`;
    });
  return parts.length === 0 ? null : `${parts.join(' and ')} left out`;
}

function writeStreams({ environment }: Context, output: OutputView, { isRaw }: Pick<OutputWish, 'isRaw'>): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    if (output[stream] === '') continue;
    if (isRaw) environment.bytes(stream, Buffer.from(output[stream], 'base64'));
    else environment[stream](output[stream]);
  }
}

function missingOf({ truncated, leftOutBytes }: OutputView, tailBytes: number): string | null {
  if (!truncated) return null;
  const leftOut = leftOutOf({ leftOutBytes });
  if (leftOut === null) return 'a stream is not whole: the task deleted or replaced the file that it is kept in';
  return `${leftOut}${tailBytes < limits.outputTailBytesMax ? '; --tail BYTES shows more of what is kept' : ends}`;
}

const ends = ': the first and the last 128 KiB of a stream are kept';

function leftOutOf({ leftOutBytes }: Pick<OutputView, 'leftOutBytes'>): string | null {
  const parts = (['stdout', 'stderr'] as const)
    .filter((stream) => leftOutBytes[stream] > 0)
    .map((stream) => `${plural(leftOutBytes[stream], 'byte')} of ${stream}`);
  return parts.length === 0 ? null : `${parts.join(' and ')} left out`;
}

/** What a task writes comes within the agent's two seconds and this. */
const followEveryMs = 750;

interface FollowWish {
  readonly index: number | undefined;
  /** Of what is there already; undefined: all that is kept. */
  readonly tailBytes: number | undefined;
  readonly isRaw: boolean;
}

/** Each stream as it comes, until the task has ended. */
export async function followOutput(
  context: Context,
  id: string,
  { index, tailBytes, isRaw }: FollowWish,
): Promise<void> {
  if (context.isJson) throw usageError('--follow prints what a task writes as it comes', 'leave out --json');
  const { environment, client } = context;
  let sinceBytes = tailBytes === undefined ? '0,0,0' : undefined;
  for (;;) {
    const from = sinceBytes === undefined ? { tailBytes } : { sinceBytes };
    const query = { index, ...from, encoding: encodingOf({ isRaw }) };
    // The task goes on without us; a server that restarts is worth waiting for.
    const output = await patiently(context, () => client.call('getOutput', { params: { id }, query }));
    const missing = isRaw && sinceBytes !== undefined ? leftOutOf(output) : null;
    // Text has a line in its place.
    if (missing !== null) context.say(`${missing}${ends}`);
    writeStreams(context, output, { isRaw });
    if (output.ended) return;
    sinceBytes = output.next ?? sinceBytes;
    await environment.sleep(followEveryMs);
  }
}
