// The DynamoDB store keeps the contract, on MiniStack's DynamoDB.
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, test } from '@jest/globals';
import { DynamoDbStore } from '../../lib/adapters/aws/dynamodb/store.ts';
import { tableDefinition } from '../../lib/adapters/aws/dynamodb/table.ts';
import { keepingConnections } from '../../lib/adapters/aws/sdk.ts';
import { storeContract } from '../contract/store.contract.ts';
import { TestClock } from '../contract/store.harness.ts';
import { accountOf, startMinistack } from './ministack.ts';
import { hangMs } from '../hang.ts';

const started = await startMinistack();

if ('reason' in started) {
  describe('store contract: DynamoDB', () => {
    test.skip(`skipped: ${started.reason}`, () => {});
  });
} else {
  const { ministack } = started;
  const credentials = () => accountOf(100_000_000_001);
  const aws = { region: 'us-east-1', endpoint: ministack.endpoint, credentials, timeoutMs: hangMs };
  const tables = new DynamoDBClient(keepingConnections(aws));
  let tableNumber = 0;

  afterAll(async () => {
    tables.destroy();
    await ministack.stop();
  });

  // Time to live stays off: MiniStack would delete by the machine's clock what the test's clock has not reached.
  storeContract(
    'DynamoDB',
    async () => {
      const clock = new TestClock();
      tableNumber += 1;
      const tableName = `bellows-${String(tableNumber)}`;
      await tables.send(new CreateTableCommand(tableDefinition(tableName)));
      const store = new DynamoDbStore({ ...aws, tableName, clock });
      return {
        store,
        clock,
        close: async () => {
          store.close();
          await tables.send(new DeleteTableCommand({ TableName: tableName }));
        },
      };
    },
    { modelRuns: 15, countsRequests: true },
  );
}
