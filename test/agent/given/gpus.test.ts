// GPUs of a node by a stand-in of nvidia-smi: each is one attempt's at a time, also over a restart of the agent, and
// what a process or container sees of them.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GpuKeeper, gpuArguments, gpuEnvironment, gpusOf } from '../../../agent/tasks/given/gpus.ts';
import type { GpuOptions } from '../../../agent/tasks/given/gpus.ts';

let dir: string;
const uuid = (n: number): string => `GPU-0000000${String(n)}-aaaa-bbbb-cccc-dddddddddddd`;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-gpus-'));
  for (const [n, minor] of [
    [0, 3],
    [1, 1],
  ] as const) {
    mkdirSync(join(dir, 'driver', `0000:0${String(n)}:00.0`), { recursive: true });
    writeFileSync(
      join(dir, 'driver', `0000:0${String(n)}:00.0`, 'information'),
      `Model: \t NVIDIA L4\nGPU UUID: \t ${uuid(n)}\nDevice Minor: \t ${String(minor)}\n`,
    );
  }
  smi(
    `case "$1" in *memory*) echo "${uuid(0)}, 100"; echo "${uuid(1)}, 7" ;;`
      + ` *) echo "0, ${uuid(0)}"; echo "1, ${uuid(1)}" ;; esac`,
  );
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function smi(script: string): void {
  writeFileSync(join(dir, 'nvidia-smi'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(dir, 'nvidia-smi'), 0o755);
}

function keeper(over: Partial<GpuOptions> = {}): GpuKeeper {
  return new GpuKeeper({
    attemptsDir: join(dir, 'attempts'),
    program: () => join(dir, 'nvidia-smi'),
    isExclusive: true,
    driverDir: join(dir, 'driver'),
    ...over,
  });
}

function attemptDir(id: string): string {
  const folder = join(dir, 'attempts', id);
  mkdirSync(folder, { recursive: true });
  return folder;
}

const first = { index: 0, uuid: uuid(0), minor: 3 };
const second = { index: 1, uuid: uuid(1), minor: 1 };

test('each is given to one attempt until its end, also by an agent that was restarted', async () => {
  const [a, b, c] = [attemptDir('a'), attemptDir('b'), attemptDir('c')];
  expect(await keeper().give(a, 1)).toEqual([first]);
  const restarted = keeper();
  expect(await restarted.give(b, 1)).toEqual([second]);
  await expect(restarted.give(c, 1)).rejects.toThrow(
    "it needs 1 of the node's GPUs; nvidia-smi shows 2, of which 0 are free",
  );
  expect([gpusOf(a), gpusOf(b), gpusOf(c)]).toEqual([[first], [second], []]);
  restarted.free(a);
  expect(await restarted.give(c, 1)).toEqual([first]);
  expect(await restarted.give(attemptDir('d'), 0)).toEqual([]);
});

test('a node whose driver shows none says so; on a laptop a simulated node has none', async () => {
  await expect(keeper({ program: () => null }).give(attemptDir('a'), 1)).rejects.toThrow('nvidia-smi shows 0');
  smi('echo "Failed to initialize NVML: Driver/library version mismatch" >&2; exit 18');
  await expect(keeper().give(attemptDir('a'), 1)).rejects.toThrow('cannot be listed: nvidia-smi: Failed to initialize');
  expect(await keeper({ program: () => null, isExclusive: false }).give(attemptDir('a'), 1)).toEqual([]);
});

test("the device of CUDA's unified memory is made where it is missing, and what fails is told", async () => {
  const device = join(dir, 'nvidia-uvm');
  await keeper({ makeUvm: { device, argv: ['sh', '-c', `echo made >> ${device}`] } }).give(attemptDir('a'), 1);
  await keeper({ makeUvm: { device, argv: ['false'] } }).give(attemptDir('b'), 1);
  expect(readFileSync(device, 'utf8')).toBe('made\n');
  const failing = keeper({ makeUvm: { device: `${device}-2`, argv: ['sh', '-c', 'echo no module >&2; exit 1'] } });
  await expect(failing.give(attemptDir('c'), 1)).rejects.toThrow('nvidia-uvm-2 cannot be made: no module');
});

test("the memory of an attempt's devices is kept at its most", async () => {
  const one = keeper();
  const [a, b] = [attemptDir('a'), attemptDir('b')];
  await one.give(a, 2);
  await one.sample([a, b]);
  smi(`echo "${uuid(0)}, 5"; echo "${uuid(1)}, 5"`);
  await one.sample([a, b]);
  smi('exit 1');
  await one.sample([a, b]);
  expect([one.takePeak(a), one.takePeak(b), one.takePeak(a)]).toEqual([107, null, null]);
});

test('a process is told by variables, a container by its client', () => {
  const ids = `${uuid(0)},${uuid(1)}`;
  expect(gpuEnvironment([first, second])).toEqual({ CUDA_VISIBLE_DEVICES: ids, NVIDIA_VISIBLE_DEVICES: ids });
  expect([gpuEnvironment([]), gpuArguments('/usr/bin/docker', [])]).toEqual([{}, []]);
  expect(gpuArguments('/usr/bin/docker', [first, second])).toEqual([`--gpus="device=${ids}"`]);
  expect(gpuArguments('/usr/bin/podman', [first, second])).toEqual([
    '--device=nvidia.com/gpu=0',
    '--device=nvidia.com/gpu=1',
  ]);
});

test('a note that is none gives nothing', () => {
  const a = attemptDir('a');
  writeFileSync(join(a, 'gpus'), '[{"index":0,"uuid":"--privileged","minor":0}]');
  expect(gpusOf(a)).toEqual([]);
  writeFileSync(join(a, 'gpus'), 'x');
  expect(gpusOf(a)).toEqual([]);
});
