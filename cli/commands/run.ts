// `run`: one command line on a machine that is found for it. With --wait its progress, output and exit code.
import { Option } from 'commander';
import type { Command } from 'commander';
import { limits } from '../../lib/api/limits.ts';
import type { RequestView } from '../../lib/api/schemas/requests.ts';
import type * as z from 'zod';
import type { taskBody } from '../../lib/api/schemas/requests.ts';
import { isEnd } from '../../lib/core/records/request.ts';
import { patiently } from '../context.ts';
import type { Context, Run } from '../context.ts';
import { usageError } from '../errors.ts';
import { keyOf } from '../input/keys.ts';
import { withName } from '../input/names.ts';
import { printOutput } from '../printing/output.ts';
import { upload } from '../input/upload/send.ts';
import { addRequirementOptions, requirementsBody } from '../input/requirements.ts';
import type { RequirementOptions } from '../input/requirements.ts';
import { atLeastOne, memoryMib, number, plural, usd } from '../text.ts';

interface RunOptions extends RequirementOptions {
  readonly vcpu: number;
  readonly memory: number;
  readonly gpu: number;
  readonly count: number;
  readonly name?: string;
  readonly label?: Record<string, string>;
  readonly pool?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly image?: string;
  readonly imageSecret?: string;
  readonly imageRole?: string;
  readonly memoryGrowth?: number;
  readonly memoryMax?: number;
  readonly role?: string;
  readonly upload?: readonly string[];
  readonly input?: readonly Input[];
  readonly artifact?: readonly string[];
  readonly keepOutput?: number;
  readonly secret?: readonly Secret[];
  readonly mount?: readonly Mount[];
  readonly shell?: boolean;
  readonly timeout?: number;
  readonly retries?: number;
  readonly lossesMax?: number;
  readonly priority?: number;
  readonly learningStyle?: 'reactive' | 'scheduled' | 'predictive' | 'adaptive';
  readonly quote?: boolean;
  readonly key?: string;
  readonly wait?: boolean;
  readonly tail?: number;
}

function environment(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw usageError(`--env ${JSON.stringify(text)} is not NAME=VALUE`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

interface Secret {
  readonly name: string;
  readonly from: string;
  readonly as: 'env' | 'file';
}

/** NAME=FROM, a variable; NAME=FROM,file a file. */
function secrets(text: string, before: readonly Secret[] = []): readonly Secret[] {
  const { name, from, file } = /^(?<name>[^=]+)=(?<from>[^,]+)(?<file>,file)?$/.exec(text)?.groups ?? {};
  if (name === undefined || from === undefined)
    throw usageError(`--secret ${JSON.stringify(text)} is not NAME=STORE:PLACE`, 'e.g. TOKEN=ssm:/shop/token');
  return [...before, { name, from, as: file === undefined ? 'env' : 'file' }];
}

interface Input {
  readonly path: string;
  readonly url: string;
  readonly sha256?: string;
  readonly unpack?: true;
}

/** PATH=URL, and behind blanks `unpack` and `sha256:…`: a URL has no blanks, but may have commas. */
function inputs(text: string, before: readonly Input[] = []): readonly Input[] {
  const { path, rest } = /^(?<path>[^=]+)=(?<rest>.+)$/.exec(text)?.groups ?? {};
  const [url = '', ...words] = (rest ?? '').split(/\s+/);
  const sha256 = words.find((one) => one.startsWith('sha256:'))?.slice('sha256:'.length);
  const isUnderstood = words.every((one) => one === 'unpack' || one.startsWith('sha256:'));
  if (path === undefined || !isUnderstood)
    throw usageError(
      `--input ${JSON.stringify(text)} is not PATH=URL`,
      'e.g. --input data=https://example.org/data.tgz, or "data=https://example.org/data.tgz unpack sha256:4f0c…"',
    );
  const isUnpacked = words.includes('unpack');
  return [
    ...before,
    { path, url, ...(sha256 === undefined ? {} : { sha256 }), ...(isUnpacked ? { unpack: true as const } : {}) },
  ];
}

interface Mount {
  readonly request: string;
  readonly path?: string;
}

function mounts(text: string, before: readonly Mount[] = []): readonly Mount[] {
  const [request = '', ...path] = text.split(':');
  return [...before, path.length === 0 ? { request } : { request, path: path.join(':') }];
}

export function registerRun(program: Command, run: Run): void {
  const command = program
    .command('run')
    .description('run a command; give it after --')
    .argument('[command...]', 'program and arguments; with --image may be left out');
  withTask(command)
    .option('--key <text>', 'idempotency key: the same key and command are the same request')
    .option('--quote', 'keep what a quote says of it now: `quote` shows how well such quotes came true')
    .option('--wait', 'wait for the end; show progress and output, exit with its exit code')
    .option(
      '--tail <bytes>',
      'with --wait: only the last bytes of each stream; all that is kept unless given',
      atLeastOne('--tail'),
    );
  run(command, async (context, args, options) => {
    await runCommand(context, args, options as unknown as RunOptions);
  });
}

export function registerQuote(program: Command, run: Run): void {
  const command = program
    .command('quote')
    .description('what a task would cost and when it would be done, by capacity type; nothing is asked for')
    .argument('[command...]', 'as of run; it makes no difference')
    .option(
      '--duration <seconds>',
      'how long a task lasts; learned from those that ended unless given',
      number('--duration'),
    );
  run(withTask(command), async (context, args, options) => {
    const { duration, ...given } = options as unknown as RunOptions & { readonly duration?: number };
    const body = bodyOf(args.length === 0 && given.image === undefined ? ['true'] : args, given, []);
    const { printQuote } = await import('./requests/quote.ts');
    await printQuote(context, { ...body, expectedDurationSeconds: duration });
  });
}

/** What a task is. */
function withTask(command: Command): Command {
  const task = command
    // What follows the program's name is its own, also when it looks like an option of ours.
    .passThroughOptions()
    .option('--vcpu <number>', 'vCPUs, fractions allowed', number('--vcpu'), 0.5)
    .addOption(
      new Option('--memory <size>', 'memory in MiB, or with a unit: 512Mi, 2Gi')
        .argParser(memoryMib)
        .default(512, '512Mi'),
    )
    .option(
      '--memory-growth <factor>',
      'a retry after too little memory has so many times as much',
      number('--memory-growth'),
    )
    .option('--memory-max <size>', 'up to this much', memoryMib)
    .option('--gpu <number>', 'whole GPUs', number('--gpu'), 0)
    .option('--count <number>', 'how many identical tasks (BELLOWS_TASK_INDEX tells them apart)', number('--count'), 1)
    .option('--pool <name>', 'the pool; the first that accepts it unless given')
    .addOption(
      new Option('--env <name=value>', 'environment variable; repeatable').argParser(environment).default({}, 'none'),
    )
    .option('--image <name>', 'container image to run it in')
    .option('--image-secret <store:place>', 'where user and password of its registry are kept')
    .option('--image-role <arn>', 'the role that fetches it from ECR, of those that its pool allows')
    .addOption(
      new Option('--secret <name=store:place>', 'a secret as variable, with ",file" as file; repeatable').argParser(
        secrets,
      ),
    )
    .option('--role <arn>', 'the role of AWS whose credentials it has, of those that its pool allows')
    .addOption(
      new Option('--mount <volume[:path]>', 'a storage request as a folder of the task; repeatable').argParser(mounts),
    )
    .option('--shell', 'join the arguments to one script for sh -c')
    .option('--timeout <seconds>', 'stop a task that runs longer', number('--timeout'))
    .option('--retries <number>', 'run a failed task again this often', number('--retries'))
    .option(
      '--losses-max <number>',
      'fail when so many nodes were lost under it without notice',
      number('--losses-max'),
    )
    .option('--priority <number>', 'higher is served first', number('--priority'))
    .addOption(
      new Option('--learning-style <style>', "what is bought ahead of it, in place of the pool's style").choices([
        'reactive',
        'scheduled',
        'predictive',
        'adaptive',
      ]),
    );
  return addRequirementOptions(withName(withFiles(task)));
}

/** What it brings along, and what of it is kept. */
function withFiles(command: Command): Command {
  return command
    .option(
      '--upload <path>',
      'a folder whose files, or a file that the task has in its working directory; repeatable',
      (path: string, before: readonly string[] = []) => [...before, path],
    )
    .addOption(
      new Option(
        '--input <path=url>',
        'what an https URL answers, or an object s3://…, as a file; with " unpack" an archive',
      ).argParser(inputs),
    )
    .option(
      '--artifact <pattern>',
      'keep the files that match when it has ended: "dist/**"; see the command artifacts; repeatable',
      (pattern: string, before: readonly string[] = []) => [...before, pattern],
    )
    .option(
      '--keep-output <mib>',
      'keep so many MiB of each stream whole; head and tail unless given',
      number('--keep-output'),
    );
}

type RequestBody = z.input<typeof taskBody>;

function bodyOf(
  args: readonly string[],
  options: RunOptions,
  uploads: readonly NonNullable<RequestBody['inputs']>[number][],
): RequestBody {
  const given = [...uploads, ...(options.input ?? [])];
  return {
    type: 'task',
    name: options.name,
    labels: options.label,
    pool: options.pool,
    resources: { vcpu: options.vcpu, memoryMib: options.memory, gpu: options.gpu },
    image: options.image,
    imageCredentials: imageCredentialsOf(options),
    mounts: options.mount === undefined ? undefined : [...options.mount],
    ...(args.length === 0 ? {} : options.shell ? { shell: args.join(' ') } : { command: [...args] }),
    env: options.env,
    memoryGrowth: options.memoryGrowth,
    memoryMaxMib: options.memoryMax,
    artifacts: options.artifact === undefined ? undefined : [...options.artifact],
    output: options.keepOutput === undefined ? undefined : { keepMib: options.keepOutput },
    role: options.role,
    inputs: given.length === 0 ? undefined : given,
    secrets: options.secret === undefined ? undefined : [...options.secret],
    count: options.count,
    timeoutSeconds: options.timeout,
    retries: options.retries,
    lossesMax: options.lossesMax,
    priority: options.priority,
    learningStyle: options.learningStyle,
    quote: options.quote,
    requirements: requirementsBody(options),
    bursty: options.bursty,
  };
}

function imageCredentialsOf({ imageSecret, imageRole }: RunOptions): RequestBody['imageCredentials'] {
  if (imageSecret === undefined && imageRole === undefined) return undefined;
  return {
    ...(imageSecret === undefined ? {} : { secret: imageSecret }),
    ...(imageRole === undefined ? {} : { role: imageRole }),
  };
}

async function runCommand(context: Context, args: readonly string[], options: RunOptions): Promise<void> {
  if (args.length === 0 && options.image === undefined)
    throw usageError('what shall run? Give a program after --, or --image');
  const uploads = options.upload === undefined ? [] : await upload(context, options.upload);
  const headers = { 'idempotency-key': await keyOf(context, options.key) };
  const request = await context.client.call('submitRequest', { headers, body: bodyOf(args, options, uploads) });
  if (request.advice !== undefined && !context.isJson) context.say(request.advice);
  if (!options.wait) {
    context.print(request, () => request.id);
    if (!context.isJson)
      context.say(
        `accepted by pool ${request.pool}; see ./bellows show ${request.id}, why ${request.id}, logs ${request.id}`,
      );
    return;
  }
  const ended = await waitFor(context, request);
  if (context.isJson) context.print(ended, () => '');
  else await printOutputs(context, ended, options.tail ?? limits.outputTailBytesMax);
  context.exit = exitOf(ended);
}

const pollMsMin = 150;
const pollMsMax = 2_000;

/** The request is recorded and goes on without us; a server that restarts is worth waiting for. */
async function waitFor(context: Context, accepted: RequestView): Promise<RequestView> {
  const { environment, client } = context;
  let request = accepted;
  let said = '';
  let pollMs = pollMsMin;
  for (;;) {
    const seen = request;
    const line = await patiently(context, () => progressOf(context, seen));
    if (line !== said) {
      context.say(line);
      pollMs = pollMsMin;
    }
    said = line;
    if (isEnd(seen.state)) return seen;
    await environment.sleep(pollMs);
    pollMs = Math.min(pollMs * 1.3, pollMsMax);
    request = await patiently(context, () => client.call('getRequest', { params: { id: accepted.id } }));
  }
}

async function progressOf(context: Context, request: RequestView): Promise<string> {
  const { id, state, counts } = request;
  if (isEnd(state)) return `${id} ${state}${request.reason === null ? '' : `: ${request.reason}`}`;
  if (request.count > 1 && state !== 'pending') {
    const parts = Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${String(count)} ${name}`);
    return `${id} ${state}: ${parts.join(', ')}`;
  }
  const where = request.allocation;
  if (state !== 'pending' && where?.resourceType === 'ec2-instance')
    return (
      `${id} ${state} on ${where.instanceType} in ${where.zone} (${where.capacityType}, `
      + `${usd(where.priceUsdPerHour)}/h)`
    );
  const { items } = await context.client.call('getTimeline', { params: { id } });
  // The timeline is read after the request: what it says of the end belongs to the next look.
  const last = items.findLast((item) => item.stage !== 'ended');
  return `${id} ${state}${last === undefined ? '' : `: ${last.message}`}`;
}

const outputsShown = 20;

async function printOutputs(context: Context, request: RequestView, tailBytes: number): Promise<void> {
  for (let index = 0; index < Math.min(request.count, outputsShown); index++) {
    const query = { index, tailBytes };
    const output = await patiently(context, () =>
      context.client.call('getOutput', { params: { id: request.id }, query }),
    );
    await printOutput(context, { id: request.id, index, isNamed: request.count > 1 }, output, {
      tailBytes,
      isRaw: false,
    });
  }
  if (request.count > outputsShown)
    context.say(
      `output of the first ${plural(outputsShown, 'task')} of ${String(request.count)}; see ./bellows logs `
        + `${request.id} --index N for others`,
    );
}

/** The task's own exit code; 1 for arrays with failures and for what did not exit by itself. */
function exitOf(request: RequestView): number {
  if (request.state === 'succeeded' || request.state === 'released') return 0;
  return request.count === 1 && request.exitCode ? request.exitCode : 1;
}
