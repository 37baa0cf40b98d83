// The store's contract on Amazon's own DynamoDB Local (Maven Central; runs on Java 17).
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from '@jest/globals';
import { DynamoDbStore } from '../../lib/adapters/aws/dynamodb/store.ts';
import { tableDefinition } from '../../lib/adapters/aws/dynamodb/table.ts';
import { keepingConnections } from '../../lib/adapters/aws/sdk.ts';
import { storeContract } from '../contract/store.contract.ts';
import { TestClock } from '../contract/store.harness.ts';
import { freePort, mavenJars, startServer } from './tools.ts';
import type { Peer } from './tools.ts';

const version = '2.6.1';
let peer: Peer;

beforeAll(async () => {
  const jars = mavenJars(`com.amazonaws:DynamoDBLocal:${version}`);
  const port = await freePort();
  const jvm = [
    '-Xmx1g',
    `-Djava.library.path=${jars}`,
    '-cp',
    `${jars}/*`,
    'com.amazonaws.services.dynamodbv2.local.main.ServerRunner',
  ];
  peer = await startServer({ program: 'java', args: [...jvm, '-inMemory', '-port', String(port)], port });
}, 660_000);

afterAll(async () => {
  await peer.stop();
});

// DynamoDB Local makes a store of its own per access key, as an account would be.
let tables = 0;

storeContract(
  `DynamoDB Local ${version}`,
  async () => {
    const clock = new TestClock();
    const name = `peers${String((tables += 1))}`;
    const credentials = () => ({ accessKeyId: name, secretAccessKey: 'peers' });
    const aws = { region: 'us-east-1', endpoint: peer.endpoint, credentials, timeoutMs: 30_000 };
    const client = new DynamoDBClient(keepingConnections(aws));
    const tableName = `bellows-${name}`;
    await client.send(new CreateTableCommand(tableDefinition(tableName)));
    const store = new DynamoDbStore({ ...aws, tableName, clock });
    return {
      store,
      clock,
      close: async () => {
        store.close();
        await client.send(new DeleteTableCommand({ TableName: tableName }));
        client.destroy();
      },
    };
  },
  { modelRuns: 15 },
);
