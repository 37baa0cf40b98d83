// Where a restore happens: an installation's stack, its tables and EC2, on AWS.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { unlimitedBudget } from '../../adapters/aws/call-budget.ts';
import { DynamoDbStore } from '../../adapters/aws/dynamodb/store.ts';
import { createEc2Client } from '../../adapters/aws/ec2/calls.ts';
import { createEc2Cloud } from '../../adapters/aws/ec2/cloud.ts';
import { keepingConnections } from '../../adapters/aws/sdk.ts';
import type { AwsClientOptions } from '../../adapters/aws/sdk.ts';
import { SystemClock } from '../../adapters/system/clock.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Cloud } from '../../ports/cloud.ts';
import type { Store } from '../../ports/store.ts';
import { copyTable } from './copy-table.ts';
import type { Copied } from './copy-table.ts';
import { readStack } from './stack.ts';
import type { RestoredStack } from './stack.ts';

export interface RestorePlace {
  readonly clock: Clock;
  readonly cloud: Cloud;
  /** @throws StackError */
  readStack(): Promise<RestoredStack>;
  /** Closed with the place. */
  openStore(table: string): Store;
  /** @throws CopyError */
  copy(from: string, into: string): Promise<Copied>;
  close(): void;
}

export type OptionsOf = (service: 'CLOUDFORMATION' | 'LAMBDA' | 'DYNAMODB' | 'EC2') => AwsClientOptions;

export function openAwsPlace(stack: string, optionsOf: OptionsOf): RestorePlace {
  const clock = new SystemClock();
  const ec2 = createEc2Client(optionsOf('EC2'));
  const stores: DynamoDbStore[] = [];
  return {
    clock,
    cloud: createEc2Cloud({ client: ec2, budget: unlimitedBudget, fleets: null, places: null }),
    readStack: () => readStack(stack, optionsOf),
    openStore: (tableName) => {
      const store = new DynamoDbStore({ ...optionsOf('DYNAMODB'), tableName, clock });
      stores.push(store);
      return store;
    },
    copy: async (from, into) => {
      const client = new DynamoDBClient(keepingConnections(optionsOf('DYNAMODB')));
      try {
        return await copyTable(client, from, into);
      } finally {
        client.destroy();
      }
    },
    close: () => {
      for (const store of stores) store.close();
      ec2.destroy();
    },
  };
}
