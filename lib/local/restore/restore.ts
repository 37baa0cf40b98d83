// A restore as a whole: the stack is read and has to stand still, the items go back, and the records are reconciled
// with EC2. Without `isYes` it looks, and changes nothing.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { unlimitedBudget } from '../../adapters/aws/call-budget.ts';
import { DynamoDbStore } from '../../adapters/aws/dynamodb/store.ts';
import { createEc2Client } from '../../adapters/aws/ec2/calls.ts';
import { createEc2Cloud } from '../../adapters/aws/ec2/cloud.ts';
import { noAllocation, noBells, noCatalog, noOutputs } from '../../adapters/aws/not-here.ts';
import { keepingConnections } from '../../adapters/aws/sdk.ts';
import type { AwsClientOptions } from '../../adapters/aws/sdk.ts';
import { SystemClock } from '../../adapters/system/clock.ts';
import { SystemRandom } from '../../adapters/system/random.ts';
import { awsSettings } from '../../control/ports.ts';
import type { ControlPorts, ControlSettings } from '../../control/ports.ts';
import { lookAtRestored } from '../../control/sweep/restored/look.ts';
import type { RestoredLook } from '../../control/sweep/restored/look.ts';
import { reconcileRestored } from '../../control/sweep/restored/reconcile.ts';
import type { Reconciled } from '../../control/sweep/restored/reconcile.ts';
import { awsDecisionSettings } from '../../core/values/settings.ts';
import type { Log } from '../../ports/log.ts';
import { copyTable } from './copy-table.ts';
import type { Copied } from './copy-table.ts';
import { concurrencyLines, readStack, StackError } from './stack.ts';

export interface RestoreOptions {
  readonly stack: string;
  /** The table that DynamoDB restored; null: the stack's table has the restored items already. */
  readonly from: string | null;
  readonly isYes: boolean;
  readonly endsClaims: boolean;
  readonly optionsOf: (service: 'CLOUDFORMATION' | 'LAMBDA' | 'DYNAMODB' | 'EC2') => AwsClientOptions;
  readonly log: Log;
}

export interface Restored {
  readonly copied: Copied | null;
  readonly look: RestoredLook;
  /** null: it was only looked at. */
  readonly done: Reconciled | null;
}

/** @throws StackError, CopyError, LostClaimsError */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { stack, from, isYes, endsClaims, optionsOf, log } = options;
  const { table, installation, running } = await readStack(stack, optionsOf);
  if (isYes && running.length > 0)
    throw new StackError(
      `functions of ${stack} may run. Stop them, and wait for 15 minutes (one that runs may take that long):\n`
        + concurrencyLines(running),
    );
  // A look before the copy is a look at the restored table, which is read and not written.
  const clock = new SystemClock();
  const store = new DynamoDbStore({ ...optionsOf('DYNAMODB'), tableName: isYes ? table : (from ?? table), clock });
  const ec2 = createEc2Client(optionsOf('EC2'));
  const ports: ControlPorts = {
    store,
    clock,
    log,
    random: new SystemRandom(),
    cloud: createEc2Cloud({ client: ec2, budget: unlimitedBudget, fleets: null, places: null }),
    // The functions stand still: the schedule finds in the store which pools are due.
    bus: { wake: () => Promise.resolve() },
    events: { publish: () => Promise.reject(new StackError('a restore publishes no events')) },
    bells: noBells,
    catalog: noCatalog,
    outputs: noOutputs,
    allocate: noAllocation,
  };
  const settings: ControlSettings = {
    ...awsSettings,
    decisions: awsDecisionSettings,
    installation,
    templateVersion: '0',
  };
  try {
    if (!isYes) return { copied: null, look: await lookAtRestored(ports, settings), done: null };
    const copied = from === null ? null : await copyBack(optionsOf('DYNAMODB'), from, table);
    const done = await reconcileRestored(ports, settings, { by: 'a restore of the table', endsClaims });
    return { copied, look: done.before, done };
  } finally {
    store.close();
    ec2.destroy();
  }
}

async function copyBack(options: AwsClientOptions, from: string, into: string): Promise<Copied> {
  const client = new DynamoDBClient(keepingConnections(options));
  try {
    return await copyTable(client, from, into);
  } finally {
    client.destroy();
  }
}
