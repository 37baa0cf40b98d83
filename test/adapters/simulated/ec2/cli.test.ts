// The AWS CLI against the simulator, where it is installed: a client that shares nothing with the SDK for JavaScript.
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { image, longMs, openBench } from './bench.ts';

const isInstalled = spawnSync('aws', ['--version']).status === 0;

const name = 'the AWS CLI launches and lists instances, and shows an error by its code';

// Where it is not installed this is skipped, with its reason in allowed-skips.json.
(isInstalled ? test : test.skip)(name, async () => {
  const bench = await openBench();
  const aws = async (...args: readonly string[]): Promise<unknown> => {
    const { stdout } = await promisify(execFile)('aws', ['ec2', ...args, '--output', 'json'], {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        AWS_ACCESS_KEY_ID: 'x',
        AWS_SECRET_ACCESS_KEY: 'x',
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_ENDPOINT_URL_EC2: bench.simulator.endpoint,
        AWS_MAX_ATTEMPTS: '1',
      },
    });
    return stdout === '' ? null : (JSON.parse(stdout) as unknown);
  };
  try {
    const [ids] = await Promise.all([
      aws(
        'run-instances',
        '--image-id',
        image,
        '--instance-type',
        't3.micro',
        '--count',
        '2',
        '--query',
        'Instances[].InstanceId',
      ),
      expect(aws('terminate-instances', '--instance-ids', 'i-0123456789abcdef0')).rejects.toThrow(
        'InvalidInstanceID.NotFound',
      ),
    ]);
    expect(ids).toHaveLength(2);
    bench.pass(longMs);
    expect(
      await aws(
        'describe-instances',
        '--filters',
        'Name=instance-state-name,Values=running',
        '--query',
        'Reservations[].Instances[].InstanceId',
      ),
    ).toEqual(ids);
  } finally {
    await bench.close();
  }
});
