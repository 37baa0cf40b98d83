// `npm run conformance:aws`: looks whether AWS behaves as the design believes, with an account that is to pay for it.
// Everything that is made carries a tag and is removed at the end, after Ctrl-C too, or by --clean.
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { AwsNoAnswerError, AwsServiceError, connectingAnew, sendCall } from '../../lib/adapters/aws/sdk.ts';
import { NoCredentialsError, ownAccess } from '../../lib/adapters/aws/own-credentials.ts';
import { table } from '../../cli/text.ts';
import { allBehaviours } from './behaviours.ts';
import { clean } from './clean.ts';
import { dynamodbScenes } from './dynamodb.ts';
import { claimScenes } from './holding.ts';
import { launchingScenes } from './launching.ts';
import { InterruptedError, InterruptedRun, playScenes } from './run.ts';
import type { Conditions, RunResult } from './run.ts';

const usage = `npm run conformance:aws -- --yes --max-usd N [options]   does AWS behave as the design believes?

  --yes --max-usd N          needed on AWS: scenes that could pass N USD in all are not played (0.25 plays all)
  --region REGION            default: AWS_REGION, or the profile's
  --clean                    only remove what earlier runs left behind
  --only TEXT                scenes whose name contains it
  --endpoint URL             something like AWS instead (--ec2-endpoint, --dynamodb-endpoint for one of them)
  --poll-ms N                how often to look again (2000)
  --json                     what was seen, for programs
  --help

Exit: 0 nothing was different, 1 something was, 2 usage, 4 something that was made is left.
`;

const callMsMax = 20_000;
const exits = { ok: 0, different: 1, usage: 2, left: 4 } as const;

const options = readOptions();
process.exitCode = options === null ? exits.usage : await run(options);

interface Options {
  readonly isYes: boolean;
  readonly usdMax: number | null;
  readonly region: string | null;
  readonly isClean: boolean;
  readonly only: string;
  readonly ec2Endpoint: string | null;
  readonly dynamodbEndpoint: string | null;
  readonly isJson: boolean;
  readonly pollMs: number;
}

function readOptions(): Options | null {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean', default: false } as const;
    const { values } = parseArgs({
      options: {
        yes: flag,
        'max-usd': text,
        region: text,
        clean: flag,
        only: { type: 'string', default: '' },
        endpoint: text,
        'ec2-endpoint': text,
        'dynamodb-endpoint': text,
        json: flag,
        'poll-ms': text,
        help: flag,
      },
    });
    if (values.help) {
      process.stdout.write(usage);
      process.exit(exits.ok);
    }
    const usdMax = values['max-usd'] === undefined ? null : Number(values['max-usd']);
    if (usdMax !== null && !(usdMax > 0)) throw new RangeError('--max-usd must be a number of USD over 0');
    for (const name of ['endpoint', 'ec2-endpoint', 'dynamodb-endpoint'] as const)
      if (values[name] !== undefined && !URL.canParse(values[name]))
        throw new RangeError(`--${name} ${JSON.stringify(values[name])} is no URL`);
    const [ec2Endpoint, dynamodbEndpoint] = [
      values['ec2-endpoint'] ?? values.endpoint ?? null,
      values['dynamodb-endpoint'] ?? values.endpoint ?? null,
    ];
    const isAws = ec2Endpoint === null || dynamodbEndpoint === null;
    if (isAws && !values.clean && (!values.yes || usdMax === null))
      throw new RangeError(
        'this launches instances in your account, which costs money: say --yes --max-usd N (or --endpoint for '
          + 'something that is not AWS)',
      );
    return {
      isYes: values.yes,
      usdMax,
      region: values.region ?? null,
      isClean: values.clean,
      only: values.only,
      ec2Endpoint,
      dynamodbEndpoint,
      isJson: values.json,
      pollMs: Number(values['poll-ms'] ?? 2_000),
    };
  } catch (error) {
    process.stderr.write(`bellows: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return null;
  }
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
  let isInterrupted = false;
  const onSignal = (): void => {
    if (isInterrupted) process.exit(exits.left);
    isInterrupted = true;
    say('interrupted: what was made is being removed (once more to leave it, then run with --clean)');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);

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
    patienceMs: 300_000,
    goOn: () => {
      if (isInterrupted) throw new InterruptedError();
    },
    // An endpoint that is not AWS has quotas only where one is named.
    quota: async (code) =>
      isAws || process.env['AWS_ENDPOINT_URL_SERVICEQUOTAS'] !== undefined ? quotaOf(quotas, code) : null,
  };
  try {
    if (given.isClean) return await cleaned(conditions, null);
    const scenes = [...dynamodbScenes, ...claimScenes, ...launchingScenes].filter((scene) =>
      scene.name.includes(given.only),
    );
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

async function cleaned(conditions: Conditions, runId: string | null): Promise<number> {
  const { removed, left } = await clean(conditions, runId);
  say(removed.length === 0 ? 'nothing was left behind' : `removed: ${removed.join(', ')}`);
  if (left.length === 0) return exits.ok;
  for (const one of left) say(`NOT removed: ${one}`);
  say('run again with --clean; everything carries the tag bellows:conformance');
  return exits.left;
}

function report(given: Options, region: string, { observations, spentUsdMax }: RunResult): void {
  if (given.isJson) {
    process.stdout.write(
      `${JSON.stringify({ at: new Date().toISOString(), region, endpoint: given.ec2Endpoint ?? 'AWS', spentUsdMax, observations }, null, 2)}`
        + `\n`,
    );
    return;
  }
  const behaviourOf = new Map(allBehaviours.map((one) => [one.id, one]));
  process.stdout.write(
    `${table(
      ['', 'BEHAVIOUR', ''],
      observations.flatMap((one) => [
        [one.verdict, one.id, behaviourOf.get(one.id)?.behaviour ?? ''],
        ['', '', one.evidence],
      ]),
    )}\n`,
  );
  const count = (verdict: string): string => String(observations.filter((one) => one.verdict === verdict).length);
  process.stdout.write(
    `\n${count('seen')} seen, ${count('different')} different, ${count('not seen')} not seen; at most `
      + `${spentUsdMax.toFixed(3)} USD\n`,
  );
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
