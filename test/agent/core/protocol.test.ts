// A controller of the version before is sent no more than it takes, and one of this version everything.
import { expect, test } from '@jest/globals';
import { knownTo } from '../../../agent/core/protocol.ts';
import { agentProtocol } from '../../../lib/core/records/sync.ts';
import { Machine, assign, reply, task } from './harness.ts';

const started = { kernelAtMs: 1, agentAtMs: 5 };

test('how the node started goes with every sync, and its first task as soon as there was one', () => {
  const machine = new Machine({ boot: started });
  expect(machine.sent?.boot).toEqual(started);
  expect(new Machine().sent).not.toHaveProperty('boot');
  machine.run(task('r-1.0.1'));
  const first = { ...started, taskAtMs: 1_000_000 + machine.monotonicMs };
  expect(machine.after(1_000).sent?.boot).toEqual(first);
  expect(machine.answer(assign(task('r-1.0.1'))).after(5_000).sent?.boot).toEqual(first);
});

test('a refusal makes it speak as before, until a reply says that the controller knows more', () => {
  const machine = new Machine({ boot: started });
  const failed = (isRefused: boolean) =>
    machine.send({ kind: 'sync-failed', seq: machine.state.sync?.seq ?? -1, ...(isRefused ? { isRefused } : {}) });
  expect(machine.state.controllerProtocol).toBeNull();
  expect(failed(true).state.controllerProtocol).toBe(0);
  machine.after(10_000);
  expect(failed(false).state.controllerProtocol).toBe(0);
  machine.after(10_000);
  expect(machine.answer(reply({ protocol: agentProtocol })).state.controllerProtocol).toBe(agentProtocol);
  machine.after(10_000);
  expect(machine.answer(reply()).state.controllerProtocol).toBe(0);
});

test('what came with protocol 1 and later is left out for a controller of before', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const end = {
    attemptId: 'r-1.0.1',
    outcome: 'exited',
    exitCode: 0,
    message: null,
    startedAtMs: 1,
    endedAtMs: 2,
  } as const;
  const { sent } = new Machine({ boot: started });
  if (sent === undefined) throw new Error('it has sent nothing');
  const usage = { memoryPeakMib: 1, cpuMs: 1, writtenBytes: null, by: 'cgroup' } as const;
  const request = {
    ...sent,
    onNode: [{ attemptId: 'r-2.0.1', state: 'running', startedAtMs: 1, imageDigest: digest }],
    ends: [end, { ...end, imageDigest: digest, usage: { ...usage, gpuMemoryPeakMib: 5 } }],
  } as const;
  expect(knownTo(null, request)).toEqual(request);
  expect(knownTo(1, request)).toEqual(request);
  const { boot: _boot, protocol, ...plain } = request;
  expect(protocol).toBe(agentProtocol);
  expect(knownTo(0, request)).toEqual({
    ...plain,
    onNode: [{ attemptId: 'r-2.0.1', state: 'running', startedAtMs: 1 }],
    ends: [end, { ...end, usage }],
  });
});
