// `npm run conformance:aws`: looks whether AWS behaves as the design believes, with an account that is to pay for it.
// Everything that is made carries a tag and is removed at the end, after Ctrl-C too, or by --clean.
import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { AwsNoAnswerError, AwsServiceError, connectingAnew, sendCall } from '../../lib/adapters/aws/sdk.ts';
import { NoCredentialsError, ownAccess } from '../../lib/adapters/aws/own-credentials.ts';
import { clean } from './clean.ts';
import { dynamodbScenes } from './dynamodb.ts';
import { launchingScenes } from './launching.ts';
import { readOptions } from './options.ts';
import type { Options } from './options.ts';
import { report, reportPlan } from './report.ts';
import { InterruptedError, InterruptedRun, playScenes } from './run.ts';
import type { Conditions, RunResult, Scene } from './run.ts';
import { groupScenes } from './security-groups.ts';
import { storageScenes } from './storage.ts';

const callMsMax = 20_000;
const exits = { ok: 0, different: 1, usage: 2, left: 4 } as const;

const options = readOptions();
process.exitCode = options === null ? exits.usage : options.isPlan ? plan(options) : await run(options);

function scenesOf({ only }: Options): readonly Scene[] {
  return [...dynamodbScenes, ...storageScenes, ...groupScenes, ...launchingScenes].filter((one) =>
    one.name.includes(only),
  );
}

function plan(given: Options): number {
  reportPlan(scenesOf(given), given.usdMax ?? Infinity, given.isJson);
  return exits.ok;
}

async function run(given: Options): Promise<number> {
  const access = ownAccess();
  const { credentials } = access;
  const region =
    given.region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? (await access.region());
  if (region === null) return refuse('no region is known: give --region or AWS_REGION');
  try {
    await credentials();
  } catch (error) {
    if (error instanceof NoCredentialsError) return refuse(error.message);
    throw error;
  }
  const goOn = untilInterrupted();
  // Each call is sent once, on a connection of its own: what a repeat does is what is looked at.
  const optionsOf = (endpoint: string | null | undefined) =>
    connectingAnew({ region, credentials, endpoint: endpoint ?? undefined }, callMsMax);
  const ec2 = new EC2Client(optionsOf(given.ec2Endpoint));
  const dynamodb = new DynamoDBClient(optionsOf(given.dynamodbEndpoint));
  const quotas = new ServiceQuotasClient(optionsOf(process.env['AWS_ENDPOINT_URL_SERVICEQUOTAS']));
  const isAws = given.ec2Endpoint === null;
  const conditions: Conditions = {
    ec2,
    dynamodb,
    region,
    runId: randomBytes(4).toString('hex'),
    pollMs: given.pollMs,
    waitMsMax: 300_000,
    goOn,
    // An endpoint that is not AWS has quotas only where one is named.
    quota: async (code) =>
      isAws || process.env['AWS_ENDPOINT_URL_SERVICEQUOTAS'] !== undefined ? quotaOf(quotas, code) : null,
  };
  try {
    if (given.isClean) return await cleaned(conditions, null);
    const scenes = scenesOf(given);
    let result: RunResult | null = null;
    let left: number = exits.ok;
    try {
      result = await playScenes(scenes, conditions, given.usdMax ?? Number.MAX_VALUE, say);
    } catch (error) {
      if (!(error instanceof InterruptedRun)) throw error;
      ({ result } = error);
    } finally {
      say('removing what was made …');
      left = await cleaned(conditions, conditions.runId);
    }
    report(given, region, result);
    if (left !== exits.ok) return left;
    return result.observations.some((one) => one.verdict === 'different') ? exits.different : exits.ok;
  } finally {
    ec2.destroy();
    dynamodb.destroy();
    quotas.destroy();
  }
}

/** Throws once the run was interrupted; a second interruption ends the process at once. */
function untilInterrupted(): () => void {
  let isInterrupted = false;
  const onSignal = (): void => {
    if (isInterrupted) process.exit(exits.left);
    isInterrupted = true;
    say('interrupted: what was made is being removed (once more to leave it, then run with --clean)');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return () => {
    if (isInterrupted) throw new InterruptedError();
  };
}

async function cleaned(conditions: Conditions, runId: string | null): Promise<number> {
  const { removed, left } = await clean(conditions, runId);
  say(removed.length === 0 ? 'nothing was left behind' : `removed: ${removed.join(', ')}`);
  if (left.length === 0) return exits.ok;
  for (const one of left) say(`NOT removed: ${one}`);
  say('run again with --clean; everything carries the tag bellows:conformance');
  return exits.left;
}

/** null: Service Quotas does not say. */
async function quotaOf(client: ServiceQuotasClient, code: string): Promise<number | null> {
  const command = new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: code });
  try {
    const { Quota: quota } = await sendCall('GetServiceQuota', callMsMax, (sending) => client.send(command, sending));
    return quota?.Value ?? null;
  } catch (error) {
    // Not knowing is safe: what is not known to be refused is not tried.
    if (error instanceof AwsServiceError || error instanceof AwsNoAnswerError) return null;
    throw error;
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function refuse(why: string): number {
  say(`bellows: ${why}`);
  return exits.usage;
}
