// What a task leaves on the node is gone before one of another tenant starts.
import { expect, test } from '@jest/globals';
import { journalOf } from '../../../agent/core/boot.ts';
import { Machine, assign, reply, task } from './harness.ts';

const shop = task('a.0.1', { tenant: 'shop' });
const lab = task('b.0.1', { tenant: 'lab' });

/** The shop's task has ended, and what it left is being deleted. */
function afterShop(config: ConstructorParameters<typeof Machine>[0] = {}): Machine {
  const m = new Machine(config).answer(assign(shop));
  m.send({ kind: 'process-started', attemptId: 'a.0.1' });
  m.send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 0 }).send({ kind: 'uploaded', attemptId: 'a.0.1' });
  m.after(50);
  m.answer(reply({ acknowledged: ['a.0.1'], assigned: ['b.0.1'], start: [lab] }));
  return m;
}

test('another tenant’s task starts when it is deleted', () => {
  const m = afterShop();
  expect([m.of('forget'), m.started]).toEqual([[{ kind: 'forget', attemptId: 'a.0.1' }], []]);
  expect(m.send({ kind: 'forgotten', attemptId: 'x.0.1' }).started).toEqual([]);
  expect(m.send({ kind: 'forgotten', attemptId: 'a.0.1' }).started).toEqual(['b.0.1']);
});

test('a task of the same tenant, or of a controller that names none, does not wait', () => {
  for (const next of [task('c.0.1', { tenant: 'shop' }), task('c.0.1')]) {
    const m = afterShop();
    m.after(1_000).answer(assign(lab, next));
    expect(m.state.attempts.map((one) => [one.facts.attemptId, one.phase])).toEqual([
      ['b.0.1', 'queued'],
      ['c.0.1', 'starting'],
    ]);
  }
});

test('what cannot be deleted has it refused after a minute, and the agent says that it cannot work', () => {
  const m = afterShop({ remainsWaitMs: 60_000, syncTimeoutMs: 1_000_000 });
  expect(m.wakeAtMs).toBeLessThanOrEqual(m.monotonicMs + 60_000);
  m.after(1_000).answer(reply({ assigned: ['b.0.1'], nextSyncMs: 1_000_000 }));
  expect(m.after(59_000).started).toEqual([]);
  // All tenants see it: it names nothing of the other.
  const message =
    'what an earlier task has left on the node could not be deleted yet; no task of another tenant starts before it is';
  expect(m.after(50).sent).toMatchObject({
    ends: [{ attemptId: 'b.0.1', outcome: 'refused', message }],
    trouble: message,
  });
});

const isDone = reply({ acknowledged: ['a.0.1'] });

test.each([
  ['the journal tells whose', (m: Machine) => m.journal, 'c.0.1'],
  ['the journal has been made shorter', (m: Machine) => journalOf(m.state), undefined],
])('an agent that was restarted before it is deleted deletes it first; %s', (_name, journal, own) => {
  const before = new Machine().answer(assign(shop));
  before.send({ kind: 'process-started', attemptId: 'a.0.1' });
  before.send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 0 });
  before.send({ kind: 'uploaded', attemptId: 'a.0.1' }).after(50).answer(isDone);
  const m = new Machine({ bootId: '2' }, journal(before), new Map(), before.monotonicMs, ['a.0.1']);
  expect(m.of('forget')).toEqual([{ kind: 'forget', attemptId: 'a.0.1' }]);
  m.after(1).answer(assign(lab, task('c.0.1', { tenant: 'shop' })));
  expect(m.started).toEqual(own === undefined ? [] : [own]);
  expect(m.send({ kind: 'forgotten', attemptId: 'a.0.1' }).started).toContain('b.0.1');
});

test('what an attempt left that this start goes on with is not deleted', () => {
  const before = new Machine().answer(assign(shop)).send({ kind: 'process-started', attemptId: 'a.0.1' });
  const survivors = new Map([['a.0.1', { kind: 'running' as const, startedAtMs: 1 }]]);
  const m = new Machine({ bootId: '2' }, before.journal, survivors, before.monotonicMs, ['a.0.1']);
  expect([m.of('forget'), m.state.remains]).toEqual([[], []]);
});

test('what was left while the node served any tenant is in the way of those that are kept apart', () => {
  const m = new Machine().answer(assign(task('a.0.1')));
  m.send({ kind: 'process-started', attemptId: 'a.0.1' });
  m.send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 0 }).send({ kind: 'uploaded', attemptId: 'a.0.1' });
  m.after(50).answer(reply({ acknowledged: ['a.0.1'], assigned: ['b.0.1'], start: [lab] }));
  expect(m.started).toEqual([]);
  expect(m.send({ kind: 'forgotten', attemptId: 'a.0.1' }).started).toEqual(['b.0.1']);
});
