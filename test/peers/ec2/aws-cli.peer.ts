// The AWS CLI on the EC2 simulator: its waiters, its pages, its errors, and the other services at the same endpoint.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pythonBin } from '../tools.ts';
import { run, startProgram } from './simulator.ts';
import type { SimulatorProgram } from './simulator.ts';

let bin: string;
let simulator: SimulatorProgram;

beforeAll(async () => {
  bin = pythonBin('awscli', ['awscli==1.46.3']);
  simulator = await startProgram('--instant');
}, 660_000);
afterAll(() => simulator.stop());

/** One command; `aws('ec2 describe-vpcs')`. */
function aws(command: string): unknown {
  const ran = run(join(bin, 'aws'), [...command.split(' '), '--output', 'json'], { cwd: tmpdir(), env: simulator.env });
  if (ran.status !== 0) throw new Error(ran.stderr.trim());
  return ran.stdout === '' ? null : JSON.parse(ran.stdout);
}

const parameter = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';

test('launches, waits, lists by pages and ends', () => {
  const launch = `ec2 run-instances --image-id resolve:ssm:${parameter} --instance-type c7g.large --count 7`;
  const ids = aws(`${launch} --query Instances[].InstanceId`) as readonly string[];
  aws(`ec2 wait instance-running --instance-ids ${ids.join(' ')}`);
  aws(`ec2 wait instance-status-ok --instance-ids ${ids.join(' ')}`);
  const running = 'ec2 describe-instances --page-size 5 --filters Name=instance-state-name,Values=running';
  expect(aws(`${running} --query Reservations[].Instances[].InstanceId`)).toEqual(ids);
  aws(`ec2 create-tags --resources ${ids[0] ?? ''} --tags Key=a,Value=b`);
  expect(aws('ec2 describe-tags --filters Name=key,Values=a --query Tags[].Value')).toEqual(['b']);
  aws(`ec2 terminate-instances --instance-ids ${ids.join(' ')}`);
  aws(`ec2 wait instance-terminated --instance-ids ${ids.join(' ')}`);
  expect(aws(`${running} --query Reservations`)).toEqual([]);
});

test('makes a disk, a snapshot and an image of an instance', () => {
  const launch = 'ec2 run-instances --image-id ami-0abcdef1234567890 --instance-type t3.micro';
  const [id = ''] = aws(`${launch} --query Instances[].InstanceId`) as readonly string[];
  aws(`ec2 wait instance-running --instance-ids ${id}`);
  const image = aws(`ec2 create-image --instance-id ${id} --name mine --query ImageId`) as string;
  aws(`ec2 wait image-available --image-ids ${image}`);
  const copy = `ec2 copy-image --source-image-id ${image} --source-region us-east-1 --name copied --query ImageId`;
  aws(`ec2 wait image-available --image-ids ${aws(copy) as string}`);
  expect(aws('ec2 describe-images --owners self --query sort(Images[].Name)')).toEqual(['copied', 'mine']);
});

test('shows errors by their codes', () => {
  expect(() => aws('ec2 terminate-instances --instance-ids i-0123456789abcdef0')).toThrow('InvalidInstanceID.NotFound');
  expect(() => aws('ec2 describe-vpcs --dry-run')).toThrow('DryRunOperation');
  expect(() => aws('ec2 describe-carrier-gateways')).toThrow('is not modelled by this simulator');
});

test('asks STS who it is, and SSM for an image', () => {
  expect(aws('sts get-caller-identity --query Account')).toBe('123456789012');
  expect(aws(`ssm get-parameter --name ${parameter} --query Parameter.Value`)).toMatch(/^ami-[0-9a-f]{17}$/);
});
