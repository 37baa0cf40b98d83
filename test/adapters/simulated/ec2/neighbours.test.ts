// What clients ask of other services first, at the same endpoint: who they are, and which image a parameter names.
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { GetParameterCommand, GetParametersByPathCommand, GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openBench } from './bench.ts';
import type { Ec2Bench } from './bench.ts';

let bench: Ec2Bench;
let ssm: SSMClient;
let sts: STSClient;
beforeEach(async () => {
  bench = await openBench();
  const common = {
    region: 'us-east-1',
    endpoint: bench.simulator.endpoint,
    credentials: { accessKeyId: '210987654321', secretAccessKey: 'x' },
    maxAttempts: 1,
  };
  ssm = new SSMClient(common);
  sts = new STSClient(common);
});
afterEach(async () => {
  ssm.destroy();
  sts.destroy();
  await bench.close();
});

const name = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';

test('who calls is known to STS, which does nothing else', async () => {
  expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: '210987654321',
    Arn: 'arn:aws:iam::210987654321:root',
  });
  await expect(sts.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({ name: 'UnsupportedOperation' });
});

test('a public parameter names an image that launches', async () => {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name }));
  expect(Parameter).toMatchObject({ Name: name, Type: 'String' });
  const { Instances } = await bench.ec2.send(
    new RunInstancesCommand({ ImageId: Parameter?.Value, InstanceType: 'c7g.large', MinCount: 1, MaxCount: 1 }),
  );
  expect(Instances?.[0]?.ImageId).toBe(Parameter?.Value);
  await expect(ssm.send(new GetParameterCommand({ Name: '/aws/service/none' }))).rejects.toMatchObject({
    name: 'ParameterNotFound',
  });
  const several = await ssm.send(new GetParametersCommand({ Names: [name, '/none'] }));
  expect(several.Parameters?.map((one) => one.Value)).toEqual([Parameter?.Value]);
  expect(several.InvalidParameters).toEqual(['/none']);
});

test('parameters are listed by path, in pages', async () => {
  const seen: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ssm.send(
      new GetParametersByPathCommand({ Path: '/aws/service/ami-amazon-linux-latest', NextToken, MaxResults: 5 }),
    );
    seen.push(...(page.Parameters ?? []).map((one) => one.Name));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  expect(seen).toContain(name);
  expect(new Set(seen).size).toBe(seen.length);
});
