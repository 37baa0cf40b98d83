// The boot script of the template, run: in a folder that stands for the machine's root, with stand-ins for the bucket
// and for what changes a machine. The runtime and the agent are unpacked from the archives that the script fetches, the
// unit's own command is started, and a controller hears from it.
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { standInRuntime } from '../../../lib/local/localcloud/stand-in-runtime.ts';
import { agentArchive } from '../../../lib/infra/functions/bundles.ts';
import { Controller, until } from '../../agent/controller.ts';
import { flatten } from '../iam.ts';
import { synthesize } from '../synth.ts';
import type { Synthesized } from '../synth.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-boot-'));
const [root, bucket, bin] = [join(folder, 'root'), join(folder, 'bucket'), join(folder, 'bin')];
/** The runtime is this process's own; the archive has only its address. */
const archives = standInRuntime(folder, `#!/bin/sh\nexec ${process.execPath} "$@"\n`);
const controller = new Controller();
let metadata: Server;
let script = '';
let baked = { build: '', start: '' };

const program = (name: string, text: string): void => {
  writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> ${folder}/calls\n${text}\n`);
  chmodSync(join(bin, name), 0o755);
};
const calls = (): readonly string[] => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
const environment = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: folder };
const fetches = `while [ $# -gt 2 ]; do shift; done; exec cp "${bucket}/$(basename "$1")" "$2"`;
const boot = (text: string) => spawnSync('bash', ['-c', text], { encoding: 'utf8', env: environment });

beforeAll(async () => {
  for (const made of [join(root, 'etc/systemd/system'), bucket, bin]) mkdirSync(made, { recursive: true });
  const answers: Readonly<Record<string, string>> = {
    '/latest/api/token': 'token',
    '/latest/meta-data/instance-id': 'i-0123456789abcdef0',
    '/latest/meta-data/instance-type': 'm7i.large',
    '/latest/meta-data/tags/instance/bellows:pool': 'default',
    '/latest/meta-data/iam/security-credentials/': 'node',
    '/latest/meta-data/iam/security-credentials/node': JSON.stringify({
      AccessKeyId: 'AKIDEXAMPLE',
      SecretAccessKey: 'example',
      Token: 'example',
      Expiration: new Date(Date.now() + 3_600_000).toISOString(),
    }),
  };
  metadata = createServer(({ url = '' }, response) => {
    const answer = answers[url];
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  await new Promise<void>((listening) => metadata.listen(0, '127.0.0.1', listening));
  const url = await controller.listen();
  const inSandbox = (text: string): string =>
    text
      .replace(/(?<=Environment=BELLOWS_AGENT_URL=).*/, url)
      .replaceAll('<AWS::Region>', 'us-east-1')
      .replaceAll('<AWS::AccountId>', '123456789012')
      .replaceAll('/opt/bellows', join(root, 'opt/bellows'))
      .replaceAll('/etc/systemd/system', join(root, 'etc/systemd/system'))
      .replaceAll('/run/bellows-boot', join(folder, 'boot-times'));
  const userDataOf = ({ ofType }: Synthesized): string => {
    const [, template] = ofType('AWS::EC2::LaunchTemplate').find(([id]) => /Templateamd64/.test(id)) ?? [];
    const data = template?.Properties['LaunchTemplateData'] as { UserData: { 'Fn::Base64': unknown } };
    return inSandbox(flatten(data.UserData['Fn::Base64']));
  };
  script = userDataOf(synthesize({ installation: 'prod', nodeRuntime: archives }));
  const withImages = synthesize({ installation: 'prod', nodeRuntime: archives, nodeImage: 'baked' });
  const [, component] = withImages.ofType('AWS::ImageBuilder::Component').find(([id]) => /amd64/.test(id)) ?? [];
  const { phases } = parse(flatten(component?.Properties['Data'])) as {
    phases: { steps: { action: string; inputs: { commands: string[] } }[] }[];
  };
  baked = { build: inSandbox(phases[0]?.steps[0]?.inputs.commands.join('\n') ?? ''), start: userDataOf(withImages) };
  program('aws', fetches);
  program('id', `[ -e ${folder}/has-user ] || exit 1; echo 65534`);
  program('useradd', `: > ${folder}/has-user`);
  for (const name of ['systemctl', 'ip', 'sleep', 'dnf', 'yum', 'rpm']) program(name, '');
  const keys = [...script.matchAll(/s3:\/\/\S+\/(\S+)/g)].map(([, key = '']) => key);
  for (const [at, file] of [archives.amd64.file, agentArchive()].entries())
    copyFileSync(file, join(bucket, keys[at] ?? ''));
});

afterAll(async () => {
  metadata.closeAllConnections();
  metadata.close();
  await controller.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the boot script', () => {
  test('is short enough for user data, and leaves no reference open', () => {
    expect(Buffer.from(script).toString('base64').length).toBeLessThan(16_384);
    expect(script).not.toMatch(/<[A-Z][\w:.]*>/);
  });

  test('unpacks runtime and agent, and starts the unit; nothing is installed', () => {
    expect(boot(script)).toMatchObject({ status: 0, stderr: '' });
    expect(calls().map((call) => call.split(' ')[0])).not.toContain('dnf');
    expect(calls().filter((call) => /^(dnf|yum|rpm) /.test(call))).toEqual([]);
    expect(calls().slice(-2)).toEqual(['systemctl daemon-reload', 'systemctl enable --now bellows-agent']);
    expect(calls().filter((call) => call.startsWith('useradd '))).toHaveLength(1);
    const agent = join(root, 'opt/bellows');
    for (const name of ['node', 'index.mjs', 'wrapper.sh', 'container.sh', 'metadata-rules.sh'])
      expect([name, existsSync(join(agent, name))]).toEqual([name, true]);
    for (const name of ['node.tar.gz', 'agent.tar.gz']) expect(existsSync(join(agent, name))).toBe(false);
  });

  test("starts an agent by the unit's own commands, and a controller hears from it", async () => {
    const unit = readFileSync(join(root, 'etc/systemd/system/bellows-agent.service'), 'utf8');
    const all = (name: string): readonly string[] =>
      [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
    const [before = ''] = all('ExecStartPre');
    expect(boot(before)).toMatchObject({ status: 0, stderr: '' });
    expect(calls()).toContain(
      'ip -4 rule add protocol kernel pref 10 uidrange 65534-65534 to 169.254.169.254 prohibit',
    );
    const [command = '', ...args] = (all('ExecStart')[0] ?? '').split(' ');
    const agent = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...environment,
        ...Object.fromEntries(
          all('Environment').map((one) => [one.split('=', 1)[0] ?? '', one.replace(/^[^=]*=/, '')]),
        ),
        BELLOWS_STATE_DIR: join(folder, 'state'),
        AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${String((metadata.address() as AddressInfo).port)}`,
      },
    });
    let log = '';
    agent.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const ended = new Promise<void>((resolve) => agent.on('exit', () => resolve()));
    try {
      await Promise.race([
        until(() => controller.syncs.length > 0, 'a sync'),
        ended.then(() => Promise.reject(new Error(`the agent ended: ${log}`))),
      ]);
      expect(controller.syncs[0]).toMatchObject({ nodeId: 'i-0123456789abcdef0' });
      const { kernelAtMs = 0, userDataAtMs = 0, unpackedAtMs = 0, agentAtMs = 0 } = controller.syncs[0]?.boot ?? {};
      const steps = [kernelAtMs, userDataAtMs, unpackedAtMs, agentAtMs];
      expect(Math.min(...steps)).toBeGreaterThan(0);
      expect(steps.toSorted((a, b) => a - b)).toEqual(steps);
    } finally {
      agent.kill('SIGHUP');
      await ended;
    }
  });

  test('of a baked image fetches nothing: the build of the image did', () => {
    rmSync(root, { recursive: true });
    mkdirSync(join(root, 'etc/systemd/system'), { recursive: true });
    expect(boot(baked.build)).toMatchObject({ status: 0, stderr: '' });
    const built = calls().length;
    expect(boot(baked.start)).toMatchObject({ status: 0, stderr: '' });
    expect(calls().slice(built)).toEqual(['systemctl daemon-reload', 'systemctl enable --now bellows-agent']);
    for (const name of ['opt/bellows/node', 'opt/bellows/index.mjs', 'etc/systemd/system/bellows-agent.service'])
      expect([name, existsSync(join(root, name))]).toEqual([name, true]);
  });

  test('tries a fetch again after a pause, and not for ever', () => {
    const before = calls().length;
    const since = (name: string): readonly string[] =>
      calls()
        .slice(before)
        .filter((call) => call.startsWith(`${name} `));
    program('aws', `echo 'fatal error: Unable to locate credentials' >&2; exit 1`);
    expect(boot(script).status).toBe(1);
    expect([since('aws').length, since('systemctl')]).toEqual([14, []]);
    expect(since('sleep').toSorted()).toEqual(
      [2, 2, 5, 5, 10, 10, 20, 20, 30, 30, 30, 30].map((s) => `sleep ${String(s)}`).toSorted(),
    );
    const once = `for last; do :; done; [ -e "${folder}/asked-$last" ] || { : > "${folder}/asked-$last"; exit 1; }`;
    program('aws', `${once}\n${fetches}`);
    expect(boot(script)).toMatchObject({ status: 0, stderr: '' });
    expect([since('aws').length, since('sleep').length]).toEqual([18, 14]);
    expect(since('systemctl')).toEqual(['systemctl daemon-reload', 'systemctl enable --now bellows-agent']);
    program('aws', fetches);
  });

  test('stops at a runtime that is not the pinned one, before anything of it is unpacked', () => {
    rmSync(join(root, 'opt'), { recursive: true });
    const other = standInRuntime(mkdtempSync(join(folder, 'other-')), '#!/bin/sh\necho other\n');
    const key = /s3:\/\/\S+\/(\S+) node\.tar\.gz/.exec(script)?.[1] ?? '';
    copyFileSync(other.amd64.file, join(bucket, key));
    const before = calls().length;
    const done = boot(script);
    expect(done.status).not.toBe(0);
    expect(done.stdout).toContain('node.tar.gz: FAILED');
    expect(existsSync(join(root, 'opt/bellows/node'))).toBe(false);
    expect(
      calls()
        .slice(before)
        .filter((call) => call.startsWith('systemctl')),
    ).toEqual([]);
  });
});
