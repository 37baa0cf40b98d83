// Real units on a Linux host with systemd (`sudo`): what a task cannot do, and what is left of it. In a network
// namespace of its own, with a metadata service that is none; nothing of the host's network is touched.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hangMs } from '../../hang.ts';

const controllers = existsSync('/sys/fs/cgroup/cgroup.controllers')
  ? readFileSync('/sys/fs/cgroup/cgroup.controllers', 'utf8').trim().split(' ')
  : null;
// Where it is not possible this is skipped, with its reason in allowed-skips.json.
const isPossible =
  process.getuid?.() === 0
  && controllers !== null
  && existsSync('/run/systemd/system')
  && existsSync('/usr/bin/setpriv');
const onHost = isPossible ? test : test.skip;
const withMemory = isPossible && controllers.includes('memory') ? test : test.skip;

interface Seen {
  readonly agent: string;
  readonly ends: Readonly<
    Record<
      string,
      {
        readonly outcome: string;
        readonly exitCode: number | null;
        readonly message: string | null;
        readonly said: readonly string[];
      }
    >
  >;
  readonly left: readonly string[];
  readonly hasScope: boolean;
}

let seen: Seen;

beforeAll(() => {
  if (!isPossible) return;
  const folder = mkdtempSync(join(tmpdir(), 'bellows-units-host-'));
  try {
    // Others must get through to the task's folder, as through /var/lib on a node.
    spawnSync('chmod', ['711', folder]);
    const { stdout, stderr, status } = spawnSync(
      'unshare',
      ['--net', process.execPath, '--disable-warning=ExperimentalWarning', resolve('test/agent/units/host.ts'), folder],
      { encoding: 'utf8', timeout: hangMs },
    );
    if (status !== 0) throw new Error(`host.ts ended with ${String(status)}: ${stderr}`);
    seen = JSON.parse(stdout) as Seen;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('a unit of systemd', () => {
  onHost('keeps its task from the metadata service, and from nothing else; the agent reaches it', () => {
    expect(seen.agent).toBe('reached');
    expect(seen.ends['net']?.said).toEqual(['169.254.169.254 denied', '127.0.0.1 reached']);
  });

  onHost('leaves its task no privileges, and neither its folder nor its wrapper', () => {
    expect(seen.ends['self']?.said).toEqual([
      '1900000000',
      'CapBnd:\t0000000000000000',
      'NoNewPrivs:\t1',
      'not its folder',
      'not its wrapper',
    ]);
    expect(seen.ends['self']).toMatchObject({ outcome: 'exited', exitCode: 0 });
  });

  onHost('ends with everything in it, also what left the process group and does not hear TERM', () => {
    expect(seen.ends['leaves']).toMatchObject({ outcome: 'exited', exitCode: 0 });
    expect(seen.ends['stubborn']).toMatchObject({ outcome: 'timeout' });
    expect([seen.left, seen.hasScope]).toEqual([[], false]);
  });

  withMemory('whose task needs more memory than it asked for says so', () => {
    expect(seen.ends['greedy']).toMatchObject({
      outcome: 'exited',
      message: expect.stringMatching(/^killed: used more than its 64 MiB of memory/),
    });
  });
});
