// The starts of the EC2 simulator's README, as they are written there, with the SDKs of AWS for JavaScript, Python and
// Go, with Jest and with pytest.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pythonBin } from '../tools.ts';
import { goRun, installedPackage, root, run, startProgram } from './simulator.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-ec2-starts-'));
const readme = readFileSync(join(root, 'lib/local/ec2-simulator/README.md'), 'utf8');
let user: string;

/** The blocks of that language, in the order of the page. */
function blocks(language: string): readonly string[] {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map((found) => found[1] ?? '');
}

beforeAll(() => {
  user = installedPackage(folder);
  // The SDK and Jest as this project has them.
  mkdirSync(join(user, 'node_modules'), { recursive: true });
  for (const scope of ['@aws-sdk', 'jest'])
    symlinkSync(join(root, 'node_modules', scope), join(user, 'node_modules', scope));
}, 660_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' };

test('JavaScript', () => {
  writeFileSync(join(user, 'start.mjs'), blocks('js')[0] ?? '');
  const ran = run(process.execPath, ['start.mjs'], { cwd: user, env });
  expect([ran.stdout, ran.stderr, ran.status]).toEqual(['InsufficientInstanceCapacity\n', '', 0]);
});

test('Jest, by require', () => {
  writeFileSync(join(user, 'start.test.js'), blocks('js')[1] ?? '');
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const ran = run(process.execPath, [jest, '--rootDir', '.', 'start.test.js'], { cwd: user, env });
  expect([ran.stderr, ran.status]).toEqual([expect.stringContaining('Tests:       2 passed, 2 total'), 0]);
});

test('node:test, whose hooks have other names, by import', () => {
  const text = `
    import { after, before, beforeEach, test } from 'node:test';
    import { useEc2Simulator } from 'ec2-simulator/jest';
    const simulator = useEc2Simulator({}, { beforeAll: before, beforeEach, afterAll: after });
    test('steps', async () => {
      await simulator.step(1000);
      const { clock } = await simulator.control('GET', 'health');
      if (clock.mode !== 'stepped') throw new Error(clock.mode);
    });
    test('again in time', async () => {
      const { clock } = await simulator.control('GET', 'health');
      if (clock.mode !== 'real') throw new Error(clock.mode);
    });`;
  writeFileSync(join(user, 'start.node.mjs'), text);
  const ran = run(process.execPath, ['--test', 'start.node.mjs'], { cwd: user, env });
  expect([ran.stdout, ran.status]).toEqual([expect.stringMatching(/pass 2\b/), 0]);
});

test('Python, with the fixture for pytest, whose types are right', () => {
  const tools = ['setuptools==84.2.1', 'mypy==2.4.1', 'pytest==9.2.0', 'boto3==1.44.8'];
  const bin = pythonBin('ec2-pytest', tools);
  // Built elsewhere: a build leaves files in its source.
  cpSync(join(root, 'clients/pytest-ec2-simulator'), join(folder, 'fixture'), { recursive: true });
  const into = join(folder, 'installed');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-build-isolation'];
  const built = run(join(bin, 'python'), [...pip, '--target', into, join(folder, 'fixture')], { cwd: folder, env });
  expect([built.stderr, built.status]).toEqual(['', 0]);
  const typed = { ...env, PYTHONPATH: into, MYPYPATH: into };
  const mypy = run(join(bin, 'python'), ['-m', 'mypy', '--strict', '-p', 'pytest_ec2_simulator'], {
    cwd: folder,
    env: typed,
  });
  expect([mypy.stdout, mypy.status]).toEqual([expect.stringContaining('Success'), 0]);
  writeFileSync(join(user, 'test_start.py'), blocks('python')[0] ?? '');
  // The program's own first line asks the PATH for node: that one may be older than it needs.
  writeFileSync(
    join(user, 'pytest.ini'),
    `[pytest]\nec2_simulator_command = ${process.execPath} node_modules/.bin/ec2-simulator\n`,
  );
  const ran = run(join(bin, 'python'), ['-m', 'pytest', '-q', 'test_start.py'], { cwd: user, env: typed });
  expect([ran.stdout, ran.stderr, ran.status]).toEqual([expect.stringContaining('2 passed'), '', 0]);
});

test('Go', async () => {
  const module = join(folder, 'go');
  mkdirSync(module);
  writeFileSync(join(module, 'main.go'), blocks('go')[0] ?? '');
  const simulator = await startProgram('--instant');
  try {
    const ran = goRun(module, simulator.env);
    expect([ran.stdout, ran.stderr, ran.status]).toEqual([expect.stringMatching(/^i-[0-9a-f]{17}\n$/), '', 0]);
  } finally {
    await simulator.stop();
  }
});
