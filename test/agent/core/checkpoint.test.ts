// Tasks that save before they are stopped, and a node that cannot work.
import { describe, expect, test } from '@jest/globals';
import { Machine, reply, task } from './harness.ts';

const a = task('a.0.1');

describe('stopping a task that bears a checkpoint', () => {
  const saver = { ...a, graceMs: 60_000, checkpoint: { signal: 'USR1' } } as const;
  const asked = (): Machine => new Machine().run(saver).after(50).answer(reply());
  const saved = (isAsked: boolean) => ({ kind: 'saved', attemptId: 'a.0.1', atMs: 5, isAsked }) as const;

  test('is its own signal, and KILL as soon as it has saved; its end says so', () => {
    const m = asked();
    expect(m.of('signal')).toEqual([{ kind: 'signal', attemptId: 'a.0.1', signal: 'USR1' }]);
    expect(m.after(1_000).of('signal')).toEqual([]);
    expect(m.send(saved(true)).of('signal')).toEqual([{ kind: 'signal', attemptId: 'a.0.1', signal: 'KILL' }]);
    expect(m.send(saved(true)).of('signal')).toEqual([]);
    m.send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 137 });
    expect(m.state.attempts).toMatchObject([{ end: { outcome: 'withdrawn', isSaved: true } }]);
  });

  test('waits for a save that answers, until its grace has passed', () => {
    const m = asked();
    expect(m.send(saved(false)).of('signal')).toEqual([]);
    expect(m.after(59_999).of('signal')).toEqual([]);
    expect(m.after(1).of('signal')).toMatchObject([{ signal: 'KILL' }]);
    m.send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 137 });
    expect(m.state.attempts[0]).not.toMatchObject({ end: { isSaved: true } });
  });

  test('is TERM where its time limit ends it, and a save changes nothing then', () => {
    const m = new Machine().run(task('a.0.1', { timeoutMs: 1_500, checkpoint: { signal: 'USR1' } }));
    m.after(50).answer(reply({ assigned: ['a.0.1'], nextSyncMs: 60_000 }));
    expect(m.after(1_450).of('signal')).toMatchObject([{ signal: 'TERM' }]);
    expect(m.send(saved(true)).of('signal')).toEqual([]);
  });

  test('tells of saves that nobody asked for with the next sync', () => {
    const m = new Machine().run(saver);
    expect(m.send(saved(false)).of('sync')).toEqual([]);
    expect(m.after(50).sent?.onNode).toMatchObject([{ attemptId: 'a.0.1', savedAtMs: 5 }]);
  });

  test('is the same after a restart of the agent, which knows the signal from its journal', () => {
    const before = asked();
    const m = new Machine({}, before.journal, new Map([['a.0.1', { kind: 'running', startedAtMs: 1 }]]));
    expect(m.of('signal')).toMatchObject([{ signal: 'USR1' }]);
  });
});

test('what keeps the node from working goes with each sync until it is over, the first at once', () => {
  const m = new Machine()
    .run(a)
    .after(50)
    .answer(reply({ assigned: ['a.0.1'], nextSyncMs: 60_000 }));
  const trouble = 'its disk is full';
  m.send({ kind: 'trouble', trouble });
  expect(m.after(50).sent).toMatchObject({ trouble });
  m.answer(reply({ assigned: ['a.0.1'], nextSyncMs: 1_000 })).send({ kind: 'trouble', trouble });
  expect(m.after(50).of('sync')).toEqual([]);
  expect(m.after(1_000).sent).toMatchObject({ trouble });
  m.answer(reply({ assigned: ['a.0.1'], nextSyncMs: 60_000 })).send({ kind: 'trouble', trouble: null });
  expect(m.after(50).sent).not.toHaveProperty('trouble');
});
