// A task that has a command for its end: the command first, then TERM, and KILL when the grace has passed.
import { describe, expect, test } from '@jest/globals';
import { Machine, reply, task } from './harness.ts';

const a = task('a.0.1');

describe('a task with a preStop command', () => {
  const leaver = { ...a, graceMs: 10_000, preStop: { argv: ['leave'] } } as const;
  const asked = (): Machine => new Machine().run(leaver).after(50).answer(reply());
  const gone = (said: string) => ({ kind: 'pre-stopped', attemptId: 'a.0.1', said }) as const;
  const ended = { kind: 'process-ended', attemptId: 'a.0.1', exitCode: 143 } as const;

  test('runs the command first, then TERM, and its end says so', () => {
    const m = asked();
    expect(m.of('pre-stop')).toMatchObject([{ facts: { preStop: { argv: ['leave'] } }, timeoutMs: 10_000 }]);
    expect(m.of('signal')).toEqual([]);
    expect(m.send(gone('ended with 0')).of('signal')).toMatchObject([{ signal: 'TERM' }]);
    expect(m.send(gone('ended with 1')).of('signal')).toEqual([]);
    m.send(ended);
    expect(m.state.attempts).toMatchObject([{ end: { outcome: 'withdrawn', preStop: 'ended with 0' } }]);
  });

  test('is KILL when its grace has passed, whatever the command does', () => {
    const m = asked();
    expect(m.after(9_999).of('signal')).toEqual([]);
    expect(m.after(1).of('signal')).toMatchObject([{ signal: 'KILL' }]);
    expect(m.send(gone('was ended by its time')).of('signal')).toEqual([]);
    m.send(ended);
    expect(m.state.attempts).toMatchObject([{ end: { preStop: 'was ended by its time' } }]);
  });

  test('a process that ends meanwhile was stopped, and the command had not ended', () => {
    const m = asked();
    m.send({ ...ended, exitCode: 0 });
    expect(m.state.attempts).toMatchObject([{ end: { outcome: 'withdrawn', preStop: 'had not ended by then' } }]);
  });

  test('is TERM at once where the agent itself leaves', () => {
    const m = new Machine().run(leaver).send({ kind: 'shutdown', reason: 'r' });
    expect(m.of('pre-stop')).toEqual([]);
    expect(m.of('signal')).toMatchObject([{ signal: 'TERM' }]);
  });
});
