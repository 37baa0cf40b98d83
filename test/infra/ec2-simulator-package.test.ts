// The package `ec2-simulator`: packed, installed into an empty folder without the network, started and called there.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../hang.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder = '';
let user = '';

describe('the package ec2-simulator', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bellows-ec2-package-'));
    execFileSync(process.execPath, [join(root, 'scripts/cli/pack-ec2-simulator.ts'), folder], {
      cwd: root,
      stdio: 'pipe',
    });
    const [{ filename }] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', folder], {
        cwd: join(folder, 'package'),
        encoding: 'utf8',
      }),
    ) as [{ filename: string }];
    user = join(folder, 'user');
    mkdirSync(user);
    writeFileSync(join(user, 'package.json'), '{"name": "user", "private": true, "type": "module"}');
    const options = ['--offline', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['install', ...options, join(folder, filename)], { cwd: user, stdio: 'pipe' });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('is alone, with its licence and those of what is within it', () => {
    const installed = join(user, 'node_modules/ec2-simulator');
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect([manifest['dependencies'], manifest['peerDependencies']]).toEqual([undefined, undefined]);
    expect(['LICENSE', 'README.md', 'licences/zod'].filter((name) => !existsSync(join(installed, name)))).toEqual([]);
  });

  test('its program answers a call of the Query protocol, and ends when it is told to', async () => {
    const child = spawn(process.execPath, [join(user, 'node_modules/.bin/ec2-simulator'), '--port', '0', '--instant'], {
      cwd: user,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    try {
      const endpoint = await until(() => /EC2 on (http:\S+:\d+)/.exec(text)?.[1], 'the simulator to listen');
      const answer = await fetch(endpoint, {
        method: 'POST',
        headers: { authorization: 'AWS4-HMAC-SHA256 Credential=any/20260101/eu-west-1/ec2/aws4_request' },
        body: new URLSearchParams({ Action: 'DescribeAvailabilityZones', Version: '2016-11-15' }),
      });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain('<zoneName>eu-west-1a</zoneName>');
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
  });

  test('its library starts in the own process, with types that need nothing else', () => {
    const lines = [
      "import { startEc2Simulator } from 'ec2-simulator';",
      "const simulator = await startEc2Simulator({ instant: true, seed: 'mine' });",
      "const set = await simulator.control('PUT', 'capacity', { pattern: 'c7g.*', available: 0 });",
      "const refused = await simulator.control('GET', 'nothing').catch((error: unknown) => String(error));",
      'await simulator.close();',
      "console.log(set['ok'], String(refused).slice(0, 30));",
    ];
    // One run of the compiler for both: what is right passes, and what is wrong is noticed.
    const wrong = ['// @ts-expect-error a seed is text', 'void (() => startEc2Simulator({ seed: 1 }));'];
    writeFileSync(join(user, 'user.ts'), [...lines, ...wrong].join('\n'));
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    const types = ['--typeRoots', join(root, 'node_modules/@types')];
    const tsc = [join(root, 'node_modules/typescript/bin/tsc'), ...options, ...types, 'user.ts'];
    expect(spawnSync(process.execPath, tsc, { cwd: user, encoding: 'utf8' }).stdout).toBe('');
    const ran = spawnSync(process.execPath, ['user.ts'], { cwd: user, encoding: 'utf8' });
    expect([ran.stdout, ran.status]).toEqual(['true Error: GET /_sim/nothing: ther\n', 0]);
  });

  test('its helper for tests is there for require, too, and says where hooks are missing', () => {
    const text = "const { useEc2Simulator } = require('ec2-simulator/jest'); useEc2Simulator();";
    const ran = spawnSync(process.execPath, ['--input-type=commonjs', '-e', text], { cwd: user, encoding: 'utf8' });
    expect([ran.stderr, ran.status]).toEqual([expect.stringContaining('there are no global hooks; hand them over'), 1]);
  });
});
