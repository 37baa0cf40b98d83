// Volumes on a node, with the tools of a node faked: what is formatted, what never is, and when it is unmounted.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noGpus } from '../controller.ts';
import type { Executed } from '../../../agent/tasks/execute.ts';
import { DeviceMounter, mountFor, mountedFor, unmountOf } from '../../../agent/tasks/given/mounts.ts';
import type { Mounter } from '../../../agent/tasks/given/mounts.ts';
import { ArtifactKeeper } from '../../../agent/tasks/kept/artifacts.ts';
import { InputKeeper } from '../../../agent/tasks/given/inputs.ts';
import { SecretKeeper } from '../../../agent/tasks/given/secrets.ts';
import { LaunchError } from '../../../agent/errors.ts';
import { PlainLauncher } from '../../../agent/tasks/launcher.ts';
import { noRole } from '../../../agent/tasks/given/roles.ts';
import { Runner } from '../../../agent/tasks/runner.ts';
import type { AssignedAttempt } from '../../../lib/core/records/sync.ts';
import { removeTree } from '../../../lib/adapters/system/remove-tree.ts';
import { until as untilTrue } from '../../hang.ts';

let dir: string;
let calls: string[];
const never = new AbortController().signal;
const volumeId = 'vol-0123456789abcdef0';
const mount = { volumeId, device: '/dev/sdf', path: 'data' };

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-mounts-'));
  calls = [];
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

/** A node whose device has this content; `probe` is what blkid says of it. */
function node(probe: Partial<Executed>, content: Buffer | null, busyTimes = 0, logs: string[] = []): DeviceMounter {
  const byId = join(dir, 'dev/disk/by-id');
  mkdirSync(byId, { recursive: true });
  if (content !== null)
    writeFileSync(join(byId, `nvme-Amazon_Elastic_Block_Store_${volumeId.replace('-', '')}`), content);
  let [isMounted, busy] = [false, busyTimes];
  const answer = (code: number, fields: Partial<Executed> = {}): Executed => ({
    code,
    stdout: '',
    stderr: '',
    ...fields,
  });
  return new DeviceMounter({
    dir: join(dir, 'mounts'),
    devices: join(dir, 'dev'),
    deviceWaitMs: 600,
    unmountWaitMs: 700,
    log: (message) => {
      logs.push(message);
    },
    run: async (program, args) => {
      calls.push([program, ...args].join(' ').replaceAll(dir, ''));
      if (program === 'mountpoint') return answer(isMounted ? 0 : 32);
      if (program === 'blkid') return answer(probe.code ?? 0, probe);
      if (program === 'mount') isMounted = true;
      if (program === 'umount') {
        if ((busy -= 1) >= 0) return answer(32, { stderr: 'target is busy.' });
        isMounted = false;
      }
      return answer(0);
    },
  });
}

const blank = Buffer.alloc(2 ** 20);
const device = `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volumeId.replace('-', '')}`;

test('a blank volume is formatted once and mounted; it is unmounted after the task', async () => {
  const mounter = node({ code: 2 }, blank);
  expect(await mounter.mount(mount, never)).toBe(join(dir, 'mounts', volumeId));
  expect(await mounter.mount(mount, never)).toBe(join(dir, 'mounts', volumeId));
  expect(calls.filter((one) => !one.startsWith('mountpoint'))).toEqual([
    `blkid -p -o export ${device}`,
    `mkfs.xfs -q ${device}`,
    `mount -t xfs -o nosuid,nodev,nouuid ${device} /mounts/${volumeId}`,
    `xfs_growfs /mounts/${volumeId}`,
  ]);
  await mounter.unmount(volumeId);
  expect([calls.at(-1), existsSync(join(dir, 'mounts', volumeId))]).toEqual([`umount /mounts/${volumeId}`, false]);
  await mounter.unmount(volumeId);
});

test('a volume with a file system is mounted as it is, and grown to its size', async () => {
  await node({ stdout: 'DEVNAME=/dev/x\nTYPE=ext4\n' }, blank).mount(mount, never);
  expect(calls.filter((one) => !one.startsWith('mountpoint'))).toEqual([
    `blkid -p -o export ${device}`,
    `mount -t ext4 -o nosuid,nodev ${device} /mounts/${volumeId}`,
    `resize2fs ${device}`,
  ]);
});

test.each([
  ['a partition table', { stdout: 'PTTYPE=gpt\n' }, blank, 'partition table (gpt)'],
  [
    'data of no known kind',
    { code: 2 },
    Buffer.concat([blank.subarray(0, 70_000), Buffer.from('x'), blank.subarray(70_001)]),
    'no file system that is known',
  ],
  ['signatures that contradict each other', { code: 8 }, blank, 'no file system that is known'],
  ['nothing that can be read', { code: 2 }, Buffer.alloc(0), 'no file system that is known'],
])('never formatted: %s', async (_what, probe, content, says) => {
  await expect(node(probe, content).mount(mount, never)).rejects.toThrow(says);
  expect(calls.filter((one) => /^(mkfs|mount )/.test(one))).toEqual([]);
});

test('a device that does not show up is waited for, and then named', async () => {
  await expect(node({}, null).mount(mount, never)).rejects.toThrow(
    /no device of vol-\w+ showed up within 1 s: looked for .*nvme-Amazon.*sdf.*xvdf/,
  );
  const abort = new AbortController();
  const waiting = node({}, null).mount(mount, abort.signal);
  abort.abort();
  await expect(waiting).rejects.toThrow('aborted');
});

test('what is in use is tried again, and said once', async () => {
  const logs: string[] = [];
  const mounter = node({ code: 2 }, blank, 1, logs);
  await mounter.mount(mount, never);
  await mounter.unmount(volumeId);
  expect([logs, existsSync(join(dir, 'mounts', volumeId))]).toEqual([[], false]);
  const stuck = node({ code: 2 }, blank, 99, logs);
  await stuck.mount(mount, never);
  await stuck.unmount(volumeId);
  expect(logs).toEqual([`${volumeId} is still in use; it is unmounted as soon as nothing uses it`]);
});

test('an attempt finds its volumes below its folder; what was mounted by a failing one is unmounted', async () => {
  const unmounted: string[] = [];
  const mounter: Mounter = {
    mount: async ({ volumeId: id }) => {
      if (id === 'vol-2') throw new Error('it is gone');
      return join(dir, id);
    },
    unmount: async (id) => {
      unmounted.push(id);
    },
  };
  const folder = { dir: join(dir, 'attempt'), work: join(dir, 'attempt/work') };
  mkdirSync(folder.work, { recursive: true });
  const attempt = (mounts: AssignedAttempt['mounts'], kind: 'shell' | 'container' = 'shell'): AssignedAttempt => ({
    attemptId: 'r-1.0.1',
    requestId: 'r-1',
    index: 0,
    attempt: 1,
    resources: { cpuMilli: 1, memoryMib: 1, gpu: 0 },
    env: {},
    timeoutMs: null,
    outputUrl: '',
    run: kind === 'shell' ? { kind, script: 'true' } : { kind, image: 'busybox', argv: null },
    ...(mounts === undefined ? {} : { mounts }),
  });
  await mountFor(attempt(undefined), folder, null, never);
  expect(unmountOf(folder.dir, mounter)).toBeNull();
  await expect(mountFor(attempt([mount]), folder, null, never)).rejects.toThrow('mounts none');
  await mountFor(attempt([{ ...mount, volumeId: 'vol-1', path: 'deep/data' }]), folder, mounter, never);
  expect(readlinkSync(join(folder.work, 'deep/data'))).toBe(join(dir, 'vol-1'));
  await mountFor(attempt([{ ...mount, volumeId: 'vol-3', path: 'c' }], 'container'), folder, mounter, never);
  expect([existsSync(join(folder.work, 'c')), mountedFor(folder.dir)]).toEqual([
    false,
    [{ volumeId: 'vol-3', path: 'c', folder: join(dir, 'vol-3') }],
  ]);
  await expect(
    mountFor(
      attempt([
        { ...mount, volumeId: 'vol-1', path: 'a' },
        { ...mount, volumeId: 'vol-2', path: 'b' },
      ]),
      folder,
      mounter,
      never,
    ),
  ).rejects.toThrow('it is gone');
  await unmountOf(folder.dir, mounter);
  expect(unmounted).toEqual(['vol-1', 'vol-2']);
  expect(readFileSync(join(folder.dir, 'mounts'), 'utf8')).toContain('vol-2');
});

/** What the runner tells and does, in its order. */
function runnerIn(
  stories: string[],
  mounts: Mounter['mount'] = async ({ volumeId: id }) => {
    mkdirSync(join(dir, id), { recursive: true });
    return join(dir, id);
  },
): Runner {
  const mounter: Mounter = {
    mount: mounts,
    unmount: async (id) => {
      await new Promise((wake) => setTimeout(wake, 20));
      stories.push(`unmounted ${id}`);
    },
  };
  const tell =
    (what: string) =>
    (id: string, ...rest: (string | number | object | null)[]): void => {
      stories.push([what, id, ...rest.filter((one) => typeof one !== 'object')].join(' '));
    };
  const none = (): Promise<never> => Promise.reject(new Error('none'));
  return new Runner(
    {
      gpus: noGpus,
      attemptsDir: join(dir, 'attempts'),
      launcher: new PlainLauncher('/usr/bin:/bin'),
      mounter,
      secrets: new SecretKeeper({ root: null, ask: async () => [] }),
      roles: { accessOf: async () => noRole, forget: () => {} },
      inputs: new InputKeeper({
        ask: () => Promise.reject(new Error('none')),
        open: () => Promise.reject(new Error('none')),
      }),
      artifacts: new ArtifactKeeper({ transport: { offerArtifacts: none, keepArtifacts: none, putFile: none } }),
      removeTree,
      log: () => undefined,
    },
    {
      started: (id) => {
        tell('started')(id);
      },
      startFailed: tell('failed'),
      progress: tell('progress'),
      keeping: tell('keeping'),
      ended: tell('ended'),
    },
  );
}

async function until(stories: readonly string[], text: string): Promise<void> {
  await untilTrue(() => stories.some((one) => one.startsWith(text)), text);
}

function task(attemptId: string, script: string): AssignedAttempt {
  return {
    attemptId,
    requestId: 'r-1',
    index: 0,
    attempt: 1,
    resources: { cpuMilli: 1, memoryMib: 1, gpu: 0 },
    env: { BELLOWS_MOUNT_0: 'not yours' },
    timeoutMs: null,
    outputUrl: '',
    run: { kind: 'shell', script },
    mounts: [mount],
  };
}

test('an end is reported when nothing is mounted any more, also by an agent that was started again', async () => {
  const stories: string[] = [];
  const runner = runnerIn(stories);
  runner.start(task('r-1.0.1', 'echo here > "$BELLOWS_MOUNT_0/a"; cat data/a > b'));
  await until(stories, 'ended');
  expect(stories).toEqual(['started r-1.0.1', `unmounted ${volumeId}`, 'ended r-1.0.1 0']);
  expect(readFileSync(join(runner.folderOf('r-1.0.1'), 'work/b'), 'utf8')).toBe('here\n');
  await runner.forget('r-1.0.1');
  expect(readFileSync(join(dir, volumeId, 'a'), 'utf8')).toBe('here\n');

  runner.start(task('r-1.0.2', 'touch data/up; while [ ! -e data/go ]; do sleep 0.02; done'));
  await untilTrue(() => existsSync(join(dir, volumeId, 'up')), 'the task to run');
  const later: string[] = [];
  const next = runnerIn(later);
  expect(next.find('r-1.0.2')).toMatchObject({ kind: 'running' });
  writeFileSync(join(dir, volumeId, 'go'), '');
  await until(later, 'ended');
  expect(later.slice(-2)).toEqual([`unmounted ${volumeId}`, 'ended r-1.0.2 0']);
});

test('what does not start leaves nothing mounted', async () => {
  const stories: string[] = [];
  runnerIn(stories, async () => {
    throw new LaunchError('it is not formatted');
  }).start(task('r-1.0.1', 'true'));
  await until(stories, 'failed');
  const folder = join(dir, 'attempts/r-1.0.2');
  const runner = runnerIn(stories);
  // The agent stopped between mounting and starting.
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'mounts'), JSON.stringify([{ volumeId: 'vol-9', path: 'data', folder: '/x' }]));
  expect(runner.find('r-1.0.2')).toMatchObject({ kind: 'gone' });
  await until(stories, 'unmounted vol-9');
  expect(stories).toEqual([`unmounted ${volumeId}`, 'failed r-1.0.1 it is not formatted', 'unmounted vol-9']);
});

test(
  'an unmount never rejects: two of one volume at once, files where ' + 'no volume is, a tool that is missing',
  async () => {
    const logs: string[] = [];
    const mounter = node({ code: 2 }, blank, 0, logs);
    await mounter.mount(mount, never);
    await Promise.all([mounter.unmount(volumeId), mounter.unmount(volumeId), mounter.unmount(volumeId)]);
    expect(existsSync(join(dir, 'mounts', volumeId))).toBe(false);
    mkdirSync(join(dir, 'mounts', 'vol-files'));
    writeFileSync(join(dir, 'mounts', 'vol-files', 'file'), 'kept');
    await mounter.unmount('vol-files');
    await mounter.unmount('vol-files');
    expect(readFileSync(join(dir, 'mounts', 'vol-files', 'file'), 'utf8')).toBe('kept');
    expect(logs).toEqual([
      `${join(dir, 'mounts', 'vol-files')} has files of its own and stays; no volume is mounted there`,
    ]);
    const broken = new DeviceMounter({
      dir: join(dir, 'mounts'),
      unmountWaitMs: 600,
      log: (message) => {
        logs.push(message);
      },
      run: () => Promise.reject(new Error('spawn mountpoint ENOENT')),
    });
    await broken.unmount('vol-files');
    expect(logs.slice(1)).toEqual([
      'vol-files could not be unmounted: spawn mountpoint ENOENT; it is tried again',
      'vol-files is still in use; it is unmounted as soon as nothing uses it',
    ]);
  },
);
