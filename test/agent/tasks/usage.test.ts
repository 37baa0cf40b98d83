// What an attempt used, from the files that kernels and wrappers leave.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageSampler } from '../../../agent/tasks/usage.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-usage-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function file(path: string, text: string): void {
  mkdirSync(join(dir, path, '..'), { recursive: true });
  writeFileSync(join(dir, path), text);
}

const wrapper = (io: string): string => `0m0.010s 0m0.020s\n1m2.500s 0m1.250s\n${io}`;

test('without a cgroup it is what the wrapper waited for, and says so', () => {
  file('usage', wrapper('rchar: 1\nwrite_bytes: 4096\ncancelled_write_bytes: 1\n'));
  expect(new UsageSampler().take(dir)).toEqual({
    memoryPeakMib: null,
    cpuMs: 63_750,
    writtenBytes: 4_096,
    by: 'processes',
  });
});

test.each([
  ['nothing', ''],
  ['figures that no machine has', '0m0s 0m0s\n999999999999m1s 0m0s\nwrite_bytes: 99999999999999999999\n'],
  ['other words', 'cpu a lot\nof it\n'],
])('of a file with %s nothing is said', (_, text) => {
  file('usage', text);
  expect(new UsageSampler().take(dir)).toBeNull();
});

test('a cgroup that went with its last process is what was seen of it, or what the wrapper read last', () => {
  file('cgroup', `${join(dir, 'unit')}\n`);
  file('unit/memory.peak', '104857601\n');
  file('unit/cpu.stat', 'usage_usec 500000\n');
  const sampler = new UsageSampler();
  sampler.sample(new Map([[1, dir]]));
  rmSync(join(dir, 'unit'), { recursive: true });
  file('usage', wrapper('write_bytes: 77\nusage_usec 700000\n8:0 rbytes=1 wbytes=30 rios=2\n8:16 wbytes=12\n'));
  expect(sampler.take(dir)).toEqual({ memoryPeakMib: 101, cpuMs: 700, writtenBytes: 42, by: 'cgroup' });
  // Taken once: the next attempt of this name begins at nothing.
  rmSync(join(dir, 'usage'));
  expect(sampler.take(dir)).toBeNull();
});

test.each(['system.slice/docker-ID.scope', 'docker/ID', 'machine.slice/libpod-ID.scope'])(
  'of a container it is what its own cgroup %s says, never its client',
  (path) => {
    const id = 'ab'.repeat(32);
    file('image', 'alpine:3.22\n');
    file('cid', id);
    file('usage', wrapper('write_bytes: 99\n'));
    file(`root/${path.replace('ID', id)}/memory.peak`, '2097152\n');
    const sampler = new UsageSampler(join(dir, 'root'));
    sampler.sample(new Map([[1, dir]]));
    expect(sampler.take(dir)).toEqual({ memoryPeakMib: 2, cpuMs: null, writtenBytes: null, by: 'cgroup' });
  },
);

test('of a container whose cgroup is not found nothing is said', () => {
  file('image', 'alpine:3.22\n');
  file('cid', '../../etc');
  file('usage', wrapper('write_bytes: 99\n'));
  const sampler = new UsageSampler(join(dir, 'root'));
  sampler.sample(new Map([[process.pid, dir]]));
  expect(sampler.take(dir)).toBeNull();
});

test('of a running one it is the mean of CPU over ten seconds at least, and memory without cached files', () => {
  file('cgroup', `${join(dir, 'unit')}\n`);
  const at = (ms: number, cpuMs: number, memoryMib: number): void => {
    file('unit/cpu.stat', `usage_usec ${String(cpuMs * 1000)}\n`);
    file('unit/memory.current', `${String((memoryMib + 5) * 1_048_576)}\n`);
    file('unit/memory.stat', `anon 1\ninactive_file ${String(5 * 1_048_576)}\n`);
    sampler.sample(new Map([[1, dir]]), ms);
  };
  const sampler = new UsageSampler();
  expect(sampler.measure(dir)).toBeNull();
  at(1_000, 5_000, 100);
  at(10_900, 9_000, 100);
  expect(sampler.measure(dir)).toBeNull();
  at(11_000, 10_000, 120);
  expect(sampler.measure(dir)).toEqual({ cpuMilli: 500, memoryMib: 120 });
  at(20_000, 11_000, 90);
  expect(sampler.measure(dir)).toEqual({ cpuMilli: 500, memoryMib: 120 });
  at(31_000, 12_000, 90);
  expect(sampler.measure(dir)).toEqual({ cpuMilli: 100, memoryMib: 90 });
  sampler.take(dir);
  expect(sampler.measure(dir)).toBeNull();
});
