// Helper programs that leave something behind.
import { afterEach, expect, test } from '@jest/globals';
import { execute } from '../../../agent/tasks/execute.ts';
import { commandLineOf } from '../../../agent/tasks/process-table.ts';

const left: number[] = [];
afterEach(() => {
  for (const pid of left.splice(0)) process.kill(pid, 'SIGKILL');
});

const sh = (script: string, timeoutMs: number) =>
  execute({ program: '/bin/sh', env: { PATH: process.env['PATH'] } }, ['-c', script], { timeoutMs });

test('a program has ended when it has, though what it leaves behind keeps its streams open', async () => {
  const { code, stdout } = await sh('sleep 30 & echo $!; echo said', 25_000);
  left.push(Number(stdout.split('\n')[0]));
  expect(commandLineOf(left[0] ?? 0)).toMatch(/^sleep 30/);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\nsaid\n$/) });
});

test('so has one that was ended for its time limit', async () => {
  const { code, stdout, stderr } = await sh('sleep 30 & echo $!; wait', 300);
  left.push(Number(stdout.split('\n')[0]));
  expect(commandLineOf(left[0] ?? 0)).toMatch(/^sleep 30/);
  expect(code).toBeNull();
  expect(stderr).toMatch(/ended by SIGKILL after at most 0.3 s/);
});
