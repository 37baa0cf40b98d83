// What the EC2 simulator says of each instance type, next to a copy of EC2's own answer that moto's package ships
// (PyPI; runs on Python 3, which only unpacks it).
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { pythonBin } from '../tools.ts';

const root = join(import.meta.dirname, '..', '..', '..');

test('DescribeInstanceTypes is equal in every member', () => {
  const libraries = join(pythonBin('moto', ['moto==5.2.5']), '..', 'lib');
  const [python = ''] = readdirSync(libraries);
  const described = join(libraries, python, 'site-packages', 'moto', 'ec2', 'resources', 'instance_types.json.gz');
  const script = join(root, 'scripts', 'peers', 'instance-types.ts');
  const done = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', script, described], {
    encoding: 'utf8',
  });
  expect(done).toMatchObject({ status: 0, stderr: '' });
  expect(done.stdout).toMatch(/^13\d\d types in both/);
  expect(done.stdout).toMatch(/^0 members differ$/m);
}, 660_000);
