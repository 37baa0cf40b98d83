// What only AWS knows of an installation: its alarms, its dead letters, and the instances that really run.
import { tagInstallation, tagPool } from '../../../lib/core/records/launch.ts';
import { tagRequest } from '../../../lib/core/records/claim.ts';
import type { NodeView } from '../../../lib/api/schemas/pools.ts';
import type { Client } from '../../client.ts';
import { note, ok, unknown, wrong } from '../findings.ts';
import type { Finding } from '../findings.ts';
import type { AwsReader } from '../preflight/reading.ts';
import { looked } from '../preflight/reading.ts';
import type { Deployed } from '../preflight/stack.ts';
import { readNodes } from './nodes.ts';

/** The first thing to do; docs/troubleshooting.md has the rest under the alarm's name. */
const runbook: Readonly<Record<string, string>> = {
  'dead-letters': '`./bellows redrive` tells what failed, and tries it again with --yes',
  'failing-ticks': "the last errors in the scheduler's log: often a missing permission",
  'oldest-pending': '`./bellows why ID` of the oldest request',
  'limits-reached': "raise the pool's limits, or wait: ./bellows pools",
  'mass-silence': 'the API of agents (throttled? 5xx?) and the way from nodes to it, before anything else',
  'orphans-reaped': '`./bellows activity POOL` names each instance: who else launches with this tag?',
};

export async function checkAlarms(aws: AwsReader, { installation }: Deployed): Promise<readonly Finding[]> {
  return looked('alarms', async () => {
    const prefix = `bellows-${installation}-`;
    // There are six of them.
    const { MetricAlarms = [] } = await aws.call('DescribeAlarms', { AlarmNamePrefix: prefix, MaxRecords: 100 });
    if (MetricAlarms.length === 0)
      return [unknown('alarms', `none is named ${prefix}…`, 'deploy this version: npx cdk deploy')];
    const inAlarm = MetricAlarms.filter((one) => one.StateValue === 'ALARM');
    const silenced = MetricAlarms.filter((one) => one.ActionsEnabled === false);
    return [
      ...inAlarm.map((one) => {
        const name = one.AlarmName?.slice(prefix.length) ?? '';
        const since = one.StateTransitionedTimestamp?.toISOString() ?? 'a time that AWS does not tell';
        const cure = `${runbook[name] ?? ''}; docs/troubleshooting.md, "Alarms"`.replace(/^; /, '');
        return wrong(`alarm ${name}`, `since ${since}: ${one.AlarmDescription ?? ''}`, cure);
      }),
      ...(inAlarm.length === 0 ? [ok('alarms', `none of ${String(MetricAlarms.length)} is in ALARM`)] : []),
      ...silenced.map((one) =>
        note(
          'alarms',
          `the actions of ${one.AlarmName ?? ''} are switched off`,
          `aws cloudwatch enable-alarm-actions --alarm-names ${one.AlarmName ?? ''}`,
        ),
      ),
    ];
  });
}

export async function checkDeadLetters(aws: AwsReader, { deadLettersUrl }: Deployed): Promise<readonly Finding[]> {
  return looked('dead letters', async () => {
    const { Attributes } = await aws.call('GetQueueAttributes', {
      QueueUrl: deadLettersUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    });
    const waiting = Number(Attributes?.['ApproximateNumberOfMessages'] ?? Number.NaN);
    if (!Number.isFinite(waiting)) return [unknown('dead letters', 'AWS did not say how many there are', null)];
    return [
      waiting === 0
        ? ok('dead letters', 'none')
        : wrong(
            'dead letters',
            `${String(waiting)}: events of AWS, or news of accepted requests, that failed for good`,
            './bellows redrive --stack NAME',
          ),
    ];
  });
}

/** An instance may be younger than its document, or its document older than its end. */
const settledMs = 10 * 60_000;
const namedMax = 5;

/** Nodes as the store has them beside instances as EC2 has them. `nodes`: read before. */
export async function checkInstances(
  aws: AwsReader,
  { installation }: Deployed,
  nodes: readonly NodeView[],
  client: Pick<Client, 'call'>,
  nowMs: number,
): Promise<readonly Finding[]> {
  return looked('instances', async () => {
    const running = await instancesOfNodes(aws, installation);
    // Read again: a node that came meanwhile is known, and one that went meanwhile is not missed.
    const known = new Set((await readNodes(client)).map(({ id }) => id));
    const lost = nodes
      .filter(({ id, state }) => state !== 'terminating' && known.has(id) && !running.has(id))
      .filter((one) => nowMs - Date.parse(one.createdAt) > settledMs)
      .map((one) => one.id);
    const stray = [...running]
      .filter(([id, one]) => !known.has(id) && nowMs - one.launchedAtMs > settledMs)
      .map(([id, one]) => `${id} (${one.pool})`);
    const findings = [
      named(
        'nodes without an instance',
        lost,
        'a tick lists EC2 and gives them up by itself; if they stay, ./bellows node terminate ID',
      ),
      named(
        'instances that no record knows',
        stray,
        'the sweep terminates them and says so (orphan_reaped); until then they cost',
      ),
    ].flat();
    return findings.length > 0 ? findings : [ok('instances', `${String(running.size)} run for nodes, each known`)];
  });
}

function named(name: string, ids: readonly string[], cure: string): readonly Finding[] {
  if (ids.length === 0) return [];
  const more = ids.length > namedMax ? `, and ${String(ids.length - namedMax)} more` : '';
  return [wrong(name, `${String(ids.length)}: ${ids.slice(0, namedMax).join(', ')}${more}`, cure)];
}

interface Running {
  readonly pool: string;
  readonly launchedAtMs: number;
}

/** Without those of claims, which bear their request's tag. */
async function instancesOfNodes(aws: AwsReader, installation: string): Promise<ReadonlyMap<string, Running>> {
  const running = new Map<string, Running>();
  let next: string | undefined;
  do {
    const { Reservations = [], NextToken } = await aws.call('DescribeInstances', {
      Filters: [
        { Name: `tag:${tagInstallation}`, Values: [installation] },
        { Name: 'instance-state-name', Values: ['pending', 'running'] },
      ],
      MaxResults: 1_000,
      ...(next === undefined ? {} : { NextToken: next }),
    });
    for (const { InstanceId, LaunchTime, Tags = [] } of Reservations.flatMap(({ Instances = [] }) => Instances)) {
      const tags = new Map(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
      if (InstanceId === undefined || tags.has(tagRequest)) continue;
      running.set(InstanceId, { pool: tags.get(tagPool) ?? '?', launchedAtMs: LaunchTime?.getTime() ?? 0 });
    }
    next = NextToken === '' ? undefined : NextToken;
  } while (next !== undefined);
  return running;
}
