// `redrive`: the messages of the dead-letter queue, described and, when wanted, sent to the events function again.
// A message is removed only after its event was taken.
import * as z from 'zod';
import type { Context } from '../../context.ts';
import { exits } from '../../errors.ts';
import type { AwsReader } from '../preflight/reading.ts';
import type { Deployed } from '../preflight/stack.ts';
import { plural, table } from '../../text.ts';
import { onAws } from './on-aws.ts';

export interface RedriveOptions {
  readonly stack: string;
  readonly region?: string;
  readonly yes?: boolean;
  readonly drop?: boolean;
}

/** In one run. */
const messagesMax = 1_000;
/** They are hidden from others for so long while they are tried; a list hides them no longer than it takes. */
const hiddenSeconds = { listing: 30, trying: 300 };

interface DeadLetter {
  readonly id: string;
  readonly receipt: string;
  /** What the events function is called with; null: AWS kept nothing of it. */
  readonly event: unknown;
  readonly what: string;
  readonly why: string;
}

interface Result extends Pick<DeadLetter, 'id' | 'what' | 'why'> {
  readonly outcome: 'waits' | 'taken' | 'failed again' | 'cannot be sent again' | 'dropped';
}

/** @throws CliError where AWS or the stack cannot be asked */
export async function redrive(context: Context, options: RedriveOptions): Promise<void> {
  const { aws, stack } = await onAws(context, options.stack, options.region ?? null);
  const isTrying = options.yes === true;
  const letters = await receive(aws, stack, isTrying ? hiddenSeconds.trying : hiddenSeconds.listing);
  const results: Result[] = [];
  for (const letter of letters)
    results.push(isTrying ? await tried(aws, stack, letter, options.drop === true) : { ...letter, outcome: 'waits' });
  const messages = results.map(({ id, what, why, outcome }) => ({ id, what, why, outcome }));
  const left = results.filter((one) => one.outcome !== 'taken' && one.outcome !== 'dropped').length;
  context.print({ messages }, () =>
    messages.length === 0
      ? 'no dead letters'
      : [
          table(
            ['OUTCOME', 'EVENT', 'FAILED WITH'],
            messages.map((one) => [one.outcome, one.what, one.why]),
            context.width,
          ),
          '',
          isTrying
            ? `${plural(messages.length - left, 'message')} removed, ${String(left)} left`
            : `${plural(left, 'message')}; --yes sends them again (cure the cause first)`,
        ].join('\n'),
  );
  if (isTrying && left > 0) context.exit = exits.failed;
}

async function receive(aws: AwsReader, stack: Deployed, hidden: number): Promise<readonly DeadLetter[]> {
  const letters = new Map<string, DeadLetter>();
  while (letters.size < messagesMax) {
    const { Messages = [] } = await aws.call('ReceiveMessage', {
      QueueUrl: stack.deadLettersUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: hidden,
      MessageAttributeNames: ['All'],
      WaitTimeSeconds: 1,
    });
    if (Messages.length === 0) break;
    for (const { MessageId: id = '', ReceiptHandle: receipt = '', Body = '', MessageAttributes } of Messages)
      letters.set(id, { id, receipt, ...letterOf(Body, MessageAttributes?.['ERROR_MESSAGE']?.StringValue ?? null) });
  }
  return [...letters.values()];
}

const ofLambda = z.looseObject({
  requestPayload: z.unknown(),
  responsePayload: z.looseObject({ errorMessage: z.string().optional() }).nullish(),
});
const ofStream = z.looseObject({ DDBStreamBatchInfo: z.looseObject({ batchSize: z.number().optional() }) });
const ofAws = z.looseObject({ 'detail-type': z.string(), time: z.string().optional() });

/** The three forms: of a failed call, of EventBridge, of the table's stream. */
function letterOf(body: string, error: string | null): Pick<DeadLetter, 'event' | 'what' | 'why'> {
  const json = parsed(body);
  const stream = ofStream.safeParse(json);
  if (stream.success)
    return {
      event: null,
      what: `news of ${plural(stream.data.DDBStreamBatchInfo.batchSize ?? 1, 'accepted request')}`,
      why: 'not published for six hours; the requests themselves run',
    };
  const call = ofLambda.safeParse(json);
  if (call.success && call.data.requestPayload !== undefined)
    return {
      event: call.data.requestPayload,
      what: nameOf(call.data.requestPayload),
      why: call.data.responsePayload?.errorMessage ?? 'AWS kept no message',
    };
  return ofAws.safeParse(json).success
    ? { event: json, what: nameOf(json), why: error ?? 'it could not be delivered' }
    : { event: null, what: 'a message of a form that is not known', why: body.slice(0, 80) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function nameOf(event: unknown): string {
  const found = ofAws.safeParse(event);
  return found.success ? `${found.data['detail-type']}, ${found.data.time ?? 'no time'}` : 'a call of another kind';
}

async function tried(aws: AwsReader, stack: Deployed, letter: DeadLetter, isDropping: boolean): Promise<Result> {
  if (letter.event === null) {
    if (!isDropping) return { ...letter, outcome: 'cannot be sent again' };
    await remove(aws, stack, letter);
    return { ...letter, outcome: 'dropped' };
  }
  const { FunctionError, Payload } = await aws.call('Invoke', {
    FunctionName: stack.eventsFunction,
    Payload: new TextEncoder().encode(JSON.stringify(letter.event)),
  });
  if (FunctionError !== undefined)
    return { ...letter, why: new TextDecoder().decode(Payload).slice(0, 200), outcome: 'failed again' };
  await remove(aws, stack, letter);
  return { ...letter, outcome: 'taken' };
}

async function remove(aws: AwsReader, { deadLettersUrl }: Deployed, { receipt }: DeadLetter): Promise<void> {
  await aws.call('DeleteMessage', { QueueUrl: deadLettersUrl, ReceiptHandle: receipt });
}
