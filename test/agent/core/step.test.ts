// The agent's state machine, edge by edge.
import { describe, expect, test } from '@jest/globals';
import { journalOf } from '../../../agent/core/boot.ts';
import { Machine, assign, reply, task } from './harness.ts';

const a = task('a.0.1');
const b = task('b.0.1');

/** Of the upload that is under way. */
function giveUpOf({ state }: Machine): number {
  const [attempt] = state.attempts;
  if (attempt?.phase !== 'uploading') throw new Error('nothing is being stored');
  return attempt.giveUpAtMs;
}

describe('syncing', () => {
  test('calls at once after the start, and paced by the reply with jitter afterwards', () => {
    const m = new Machine();
    expect(m.sent).toMatchObject({ nodeId: 'i-1', pool: 'default', bootId: '1', seq: 1, onNode: [], ends: [] });
    m.answer(reply({ nextSyncMs: 1_000 }));
    expect(m.wakeAtMs).toBe(2_000);
    expect(m.after(999).sent).toBeUndefined();
    expect(m.after(1).sent?.seq).toBe(2);
  });

  test('has one sync under way: news waits for its answer and then goes out at once', () => {
    const m = new Machine().answer(assign(a));
    m.send({ kind: 'process-started', attemptId: 'a.0.1' }).after(50);
    expect(m.sent?.onNode).toEqual([{ attemptId: 'a.0.1', state: 'running', startedAtMs: 1_001_000 }]);
    m.send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 0 }).send({ kind: 'uploaded', attemptId: 'a.0.1' });
    expect(m.after(500).sent).toBeUndefined();
    m.answer(reply({ assigned: ['a.0.1'], nextSyncMs: 10_000 }));
    expect(m.after(50).sent?.ends).toMatchObject([{ attemptId: 'a.0.1', outcome: 'exited', exitCode: 0 }]);
  });

  test('a late answer after a timeout is thrown away', () => {
    const m = new Machine();
    m.after(5_000);
    expect(m.state.sync).toBeNull();
    m.send({ kind: 'sync-reply', seq: 1, reply: assign(a) });
    expect(m.started).toEqual([]);
    expect(m.state.attempts).toEqual([]);
  });

  test('an answer that arrives after its time, before the timer fired, is thrown away too', () => {
    const m = new Machine();
    m.monotonicMs += 5_000;
    m.send({ kind: 'sync-reply', seq: 1, reply: assign(a) });
    expect(m.state.attempts).toEqual([]);
    expect(m.state.failedSyncs).toBe(1);
  });

  test('failures back off, and news does not break the backoff', () => {
    const m = new Machine({ backoffBaseMs: 1_000, backoffMaxMs: 4_000 });
    const waits = [1, 2, 3, 4].map((seq) => {
      m.send({ kind: 'sync-failed', seq });
      m.send({ kind: 'interruption', atMs: 5 });
      const wait = m.state.nextSyncAtMs - m.monotonicMs;
      m.after(wait);
      return wait;
    });
    expect(waits).toEqual([750, 1_500, 3_000, 3_000]);
  });
});

describe('a small output', () => {
  const output = { stdout: 'done', stderr: '', truncated: false };
  const ended = (): Machine =>
    new Machine()
      .answer({ ...assign(a), outputBytesMax: 100 })
      .send({ kind: 'process-started', attemptId: 'a.0.1' })
      .after(50)
      .answer(reply({ assigned: ['a.0.1'], outputBytesMax: 100 }))
      .send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 0 });

  test('may go with the end where the last reply allows it, up to its size', () => {
    expect(ended().of('upload')).toMatchObject([{ inEndBytesMax: 100 }]);
    const m = new Machine().run(a).send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 0 });
    expect(m.of('upload')).toMatchObject([{ inEndBytesMax: 0 }]);
  });

  test('is on the disk with the end, is sent again until it is acknowledged, and forgotten then', () => {
    const m = ended().send({ kind: 'uploaded', attemptId: 'a.0.1', output });
    expect(m.journal.at(-1)).toMatchObject({ kind: 'end', isFinal: true, end: { output } });
    m.after(50);
    expect(m.sent?.ends).toMatchObject([{ attemptId: 'a.0.1', exitCode: 0, output }]);
    m.send({ kind: 'sync-failed', seq: m.state.seq }).after(5_000);
    expect(m.sent?.ends).toMatchObject([{ output }]);
    const again = new Machine({}, journalOf(m.state));
    expect(again.sent?.ends).toMatchObject([{ output }]);
    m.answer(reply({ acknowledged: ['a.0.1'] }));
    expect(m.state.remembered).toMatchObject([{ attemptId: 'a.0.1', exitCode: 0 }]);
    expect(m.state.remembered[0]).not.toHaveProperty('output');
  });

  test('of many attempts goes in as many syncs as its bytes need', () => {
    const m = new Machine({ tasksMax: 500, queueMax: 500, allocatable: { cpuMilli: 1e6, memoryMib: 1e6, gpu: 0 } });
    const all = Array.from({ length: 190 }, (_, n) => task(`${String(n)}.0.1`));
    m.answer(assign(...all));
    const large = { stdout: 'x'.repeat(20_000), stderr: '', truncated: false };
    for (const one of all) m.send({ kind: 'process-started', attemptId: one.attemptId });
    for (const one of all) m.send({ kind: 'process-ended', attemptId: one.attemptId, exitCode: 0 });
    for (const { attemptId } of all) m.send({ kind: 'uploaded', attemptId, output: large });
    m.after(50);
    const first = m.sent;
    expect(JSON.stringify(first?.ends).length).toBeLessThanOrEqual(2_000_000);
    expect(first?.ends.length).toBeLessThan(all.length);
    m.answer(
      reply({ assigned: all.map((one) => one.attemptId), acknowledged: first?.ends.map((one) => one.attemptId) ?? [] }),
    );
    expect(m.after(50).sent?.ends.length).toBe(all.length - (first?.ends.length ?? 0));
  });
});

describe('its bell', () => {
  const listening = (): Machine =>
    new Machine().answer(reply({ nextSyncMs: 10_000, bell: '/bell' })).send({ kind: 'listening', isListening: true });

  test('is waited at where a reply says, and later syncs say that it is', () => {
    const m = new Machine();
    expect(m.sent).not.toHaveProperty('listens');
    m.answer(reply({ nextSyncMs: 10_000, bell: '/bell' }));
    expect(m.of('listen')).toEqual([{ kind: 'listen', address: '/bell' }]);
    m.send({ kind: 'listening', isListening: true });
    expect(m.sent).toBeUndefined();
    expect(m.after(10_000).sent).toMatchObject({ seq: 2, listens: true });
  });

  test('makes it sync at once', () => {
    const m = listening().after(1_000);
    expect(m.send({ kind: 'bell' }).sent?.seq).toBe(2);
  });

  test('rung during a sync makes another one: the answer may be older than the ring', () => {
    const m = listening().after(10_000);
    expect(m.sent?.seq).toBe(2);
    expect(m.send({ kind: 'bell' }).sent).toBeUndefined();
    m.answer(reply({ nextSyncMs: 10_000 }));
    expect(m.after(50).sent?.seq).toBe(3);
    m.answer(reply({ nextSyncMs: 10_000 }));
    expect(m.after(9_999).sent).toBeUndefined();
  });

  test('that never stops ringing makes no more syncs than news does', () => {
    const m = listening();
    let syncs = 0;
    for (let ms = 0; ms < 1_000; ms += 1) {
      m.after(1).send({ kind: 'bell' });
      if (m.state.sync === null) continue;
      syncs += 1;
      m.answer(reply({ nextSyncMs: 10_000 }));
    }
    expect(syncs).toBeGreaterThanOrEqual(15);
    expect(syncs).toBeLessThanOrEqual(1_000 / 50 + 1);
  });

  test('does not break the backoff while syncs fail', () => {
    const m = listening().after(10_000);
    m.send({ kind: 'sync-failed', seq: 2 });
    expect(m.send({ kind: 'bell' }).sent).toBeUndefined();
    expect(m.state.nextSyncAtMs).toBeGreaterThan(m.monotonicMs);
  });

  test('that cannot be waited at any more is reported soon, so that the controller names a shorter pause', () => {
    const m = listening().send({ kind: 'listening', isListening: false });
    expect(m.after(50).sent).toMatchObject({ seq: 2 });
    expect(m.sent).not.toHaveProperty('listens');
  });
});

describe('a sync is bounded', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      task(`t.${String(n)}.1`, { resources: { cpuMilli: 1, memoryMib: 1, gpu: 0 } }),
    );

  function ended(count: number, message: string): Machine {
    const m = new Machine({ tasksMax: 1_000 }).answer(assign(...many(count)));
    for (const { attemptId } of many(count)) m.send({ kind: 'process-started', attemptId });
    for (const { attemptId } of many(count))
      m.send({ kind: 'process-ended', attemptId, exitCode: 1, message }).send({ kind: 'uploaded', attemptId });
    return m;
  }

  test(
    'a thousand ends go out in several syncs, oldest first, each as soon as the last is answered; until it is '
      + 'sent an end counts as on the node',
    () => {
      const m = ended(1_000, 'it failed');
      const reported: string[] = [];
      for (let syncs = 0; reported.length < 1_000 && syncs < 20; syncs += 1) {
        const sync = m.after(50).sent;
        expect(sync?.ends.length).toBe(200);
        const ids = sync?.ends.map((end) => end.attemptId) ?? [];
        expect([...ids, ...(sync?.onNode.map((one) => one.attemptId) ?? [])].sort()).toEqual(
          many(1_000)
            .map((one) => one.attemptId)
            .filter((id) => !reported.includes(id))
            .sort(),
        );
        reported.push(...ids);
        m.answer(
          reply({
            assigned: many(1_000)
              .map((one) => one.attemptId)
              .filter((id) => !reported.includes(id)),
            acknowledged: ids,
            nextSyncMs: 10_000,
          }),
        );
      }
      expect(reported).toEqual(many(1_000).map((one) => one.attemptId));
      expect(m.state.attempts).toEqual([]);
    },
  );

  test('ends with long messages go out by their bytes', () => {
    const m = ended(500, '\u0001'.repeat(5_000));
    const sync = m.after(50).sent;
    expect(sync?.ends.length).toBeGreaterThan(100);
    expect(Buffer.byteLength(JSON.stringify(sync))).toBeLessThan(2_200_000);
  });

  test('an end that the controller puts off is sent again', () => {
    const m = ended(2, 'it failed').after(50);
    m.answer(reply({ assigned: ['t.1.1'], acknowledged: ['t.0.1'], nextSyncMs: 0 }));
    expect(m.sent?.ends.map((end) => end.attemptId)).toEqual(['t.1.1']);
  });
});

describe('starting', () => {
  test('journals durably before it starts', () => {
    const m = new Machine().answer(assign(a));
    const kinds = m.effects.map((effect) =>
      effect.kind === 'journal' ? `journal ${effect.record.kind} ${String(effect.isDurable)}` : effect.kind,
    );
    expect(kinds).toEqual(['journal contact false', 'journal start true', 'start', 'schedule']);
  });

  test('starts what was listed once, however often it is listed', () => {
    const m = new Machine().run(a);
    for (let round = 0; round < 3; round += 1) expect(m.after(2_000).answer(assign(a)).started).toEqual([]);
  });

  test('what is not in the list of assignments is not started', () => {
    expect(new Machine().answer(reply({ start: [a] })).started).toEqual([]);
  });

  test('queues what does not fit now, in order, and starts it when there is room', () => {
    const big = task('big.0.1', { resources: { cpuMilli: 3_500, memoryMib: 512, gpu: 0 } });
    const m = new Machine().answer(assign(a, big, b));
    expect(m.started).toEqual(['a.0.1']);
    m.send({ kind: 'process-started', attemptId: 'a.0.1' });
    m.send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 0 });
    expect(m.started).toEqual(['big.0.1']);
  });

  test('runs at most tasksMax', () => {
    expect(new Machine({ tasksMax: 1 }).answer(assign(a, b)).started).toEqual(['a.0.1']);
  });

  test('refuses what could never fit and what the queue has no room for', () => {
    const gpu = task('gpu.0.1', { resources: { cpuMilli: 1, memoryMib: 1, gpu: 1 } });
    const m = new Machine({ tasksMax: 1, queueMax: 1 }).answer(assign(gpu, a, b, task('c.0.1')));
    const refused = m.state.attempts.flatMap((one) =>
      one.phase === 'ended' ? [[one.end.attemptId, one.end.outcome]] : [],
    );
    expect(refused).toEqual([
      ['gpu.0.1', 'refused'],
      ['c.0.1', 'refused'],
    ]);
  });

  test('reports a start that failed', () => {
    const m = new Machine()
      .answer(assign(a))
      .send({ kind: 'start-failed', attemptId: 'a.0.1', message: 'no fork' })
      .after(50);
    expect(m.sent?.ends).toMatchObject([{ outcome: 'error', message: 'no fork', exitCode: null }]);
  });

  test('a start that takes long says how far it is, and is abandoned when it is not wanted any more', () => {
    const m = new Machine()
      .answer(assign(a))
      .send({ kind: 'progress', attemptId: 'a.0.1', note: 'fetching' })
      .after(50);
    expect(m.sent?.onNode).toEqual([{ attemptId: 'a.0.1', state: 'queued', startedAtMs: null, note: 'fetching' }]);
    m.answer(reply());
    expect(m.of('abandon')).toEqual([{ kind: 'abandon', attemptId: 'a.0.1' }]);
    m.send({ kind: 'start-failed', attemptId: 'a.0.1', message: 'aborted' }).after(50);
    expect(m.sent?.ends).toMatchObject([{ outcome: 'withdrawn', message: 'the controller withdrew the task' }]);
  });
});

describe('ends', () => {
  test('waits for the output, then reports the end until it is acknowledged, then forgets it', () => {
    const m = new Machine().run(a).send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 3 });
    expect(m.of('upload')).toMatchObject([{ facts: { attemptId: 'a.0.1' } }]);
    expect(m.after(50).sent).toMatchObject({ onNode: [{ attemptId: 'a.0.1', state: 'running' }], ends: [] });
    m.send({ kind: 'uploaded', attemptId: 'a.0.1' }).answer(reply({ assigned: ['a.0.1'] }));
    expect(m.after(50).sent).toMatchObject({ onNode: [], ends: [{ attemptId: 'a.0.1', exitCode: 3 }] });
    m.answer(reply({ assigned: ['a.0.1'] }));
    expect(m.after(2_000).sent?.ends).toHaveLength(1);
    m.answer(reply({ acknowledged: ['a.0.1'] }));
    expect(m.of('forget')).toEqual([{ kind: 'forget', attemptId: 'a.0.1' }]);
    expect(m.after(2_000).sent?.ends).toEqual([]);
  });

  test('while the controller does not answer no output is given up: it is stored when it answers again', () => {
    const m = new Machine().run(a).after(50);
    m.send({ kind: 'sync-failed', seq: m.state.seq });
    m.send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 0 });
    m.send({ kind: 'upload-failed', attemptId: 'a.0.1', message: 'nobody there', giveUpAtMs: giveUpOf(m) });
    for (let seconds = 0; seconds < 20; seconds += 1) {
      m.after(1_000);
      expect(m.of('upload')).toEqual([]);
      if (m.state.sync !== null) m.send({ kind: 'sync-failed', seq: m.state.sync.seq });
    }
    while (m.state.sync === null) m.after(500);
    expect(m.answer(reply({ assigned: ['a.0.1'] })).of('upload')).toHaveLength(1);
    m.send({ kind: 'uploaded', attemptId: 'a.0.1' }).after(50);
    expect(m.sent?.ends).toMatchObject([{ outcome: 'exited', exitCode: 0, message: null }]);
  });

  test('an end is not held up longer than uploadWaitMs, and says that its output is lost', () => {
    const m = new Machine().run(a).send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 0 });
    m.after(50)
      .answer(reply({ assigned: ['a.0.1'], nextSyncMs: 10_000 }))
      .after(4_950)
      .after(50);
    expect(m.sent?.ends).toMatchObject([
      { outcome: 'exited', exitCode: 0, message: 'its output could not be stored within 5 s' },
    ]);
  });

  test('an upload that failed for good is not waited for', () => {
    const m = new Machine().run(a).send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 0 });
    m.send({ kind: 'upload-failed', attemptId: 'a.0.1', message: 'refused', giveUpAtMs: giveUpOf(m) }).after(50);
    expect(m.sent?.ends).toMatchObject([{ message: 'refused' }]);
  });

  test('an upload of the time without the controller that fails late takes nothing from the one after it', () => {
    const m = new Machine().run(a).after(50);
    m.send({ kind: 'sync-failed', seq: m.state.seq }).send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 0 });
    const giveUpAtMs = giveUpOf(m);
    m.after(5_000);
    if (m.state.sync === null) m.after(500);
    expect(m.answer(reply({ assigned: ['a.0.1'] })).of('upload')).toHaveLength(1);
    m.send({ kind: 'upload-failed', attemptId: 'a.0.1', message: 'nobody there', giveUpAtMs });
    expect(m.state.attempts).toMatchObject([{ phase: 'uploading' }]);
    m.send({ kind: 'uploaded', attemptId: 'a.0.1' }).after(50);
    expect(m.sent?.ends).toMatchObject([{ outcome: 'exited', exitCode: 0, message: null }]);
  });

  test('a process that is gone without an exit code is an error', () => {
    const m = new Machine()
      .run(a)
      .send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: null })
      .send({ kind: 'uploaded', attemptId: 'a.0.1' });
    expect(m.after(50).sent?.ends).toMatchObject([{ outcome: 'error', exitCode: null }]);
  });

  test('what ended and was acknowledged is reported again when it is assigned again, not run again', () => {
    const m = new Machine()
      .run(a)
      .send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 0 })
      .send({ kind: 'uploaded', attemptId: 'a.0.1' });
    m.after(50)
      .answer(reply({ acknowledged: ['a.0.1'] }))
      .after(2_000)
      .answer(assign(a));
    expect(m.started).toEqual([]);
    expect(m.after(50).sent?.ends).toMatchObject([{ attemptId: 'a.0.1', outcome: 'exited' }]);
  });
});

describe('stopping', () => {
  test('what the reply no longer assigns gets TERM, KILL after the grace, and ends as withdrawn', () => {
    const m = new Machine().run(a).after(50).answer(reply());
    expect(m.of('signal')).toEqual([{ kind: 'signal', attemptId: 'a.0.1', signal: 'TERM' }]);
    expect(m.after(2_999).of('signal')).toEqual([]);
    expect(m.after(1).of('signal')).toEqual([{ kind: 'signal', attemptId: 'a.0.1', signal: 'KILL' }]);
    expect(m.after(1).of('signal')).toEqual([]);
    m.send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 137 }).send({ kind: 'uploaded', attemptId: 'a.0.1' });
    expect(m.state.attempts).toMatchObject([{ phase: 'ended', end: { outcome: 'withdrawn', exitCode: null } }]);
  });

  test('a task with a grace of its own is given that', () => {
    const m = new Machine()
      .run({ ...a, graceMs: 5_000 })
      .after(50)
      .answer(reply());
    expect(m.of('signal')).toEqual([{ kind: 'signal', attemptId: 'a.0.1', signal: 'TERM' }]);
    expect(m.after(4_999).of('signal')).toEqual([]);
    expect(m.after(1).of('signal')).toEqual([{ kind: 'signal', attemptId: 'a.0.1', signal: 'KILL' }]);
  });

  test('but never beyond the time at which the controller counts it as lost', () => {
    const m = new Machine()
      .run({ ...a, graceMs: 600_000 })
      .after(50)
      .answer(reply());
    const { sentAtMs, fenceMs, killGraceMs } = m.state.contact ?? { sentAtMs: 0, fenceMs: 0, killGraceMs: 0 };
    expect(m.after(sentAtMs + fenceMs + killGraceMs - m.monotonicMs - 1).of('signal')).toEqual([]);
    expect(m.after(1).of('signal')).toEqual([{ kind: 'signal', attemptId: 'a.0.1', signal: 'KILL' }]);
  });

  test('a queued attempt that is withdrawn is dropped and no longer listed', () => {
    const m = new Machine({ tasksMax: 1 })
      .answer(assign(a, b))
      .send({ kind: 'process-started', attemptId: 'a.0.1' })
      .after(50);
    expect(m.sent?.onNode).toHaveLength(2);
    m.answer(reply({ assigned: ['a.0.1'] }));
    expect(m.after(2_000).sent?.onNode).toMatchObject([{ attemptId: 'a.0.1' }]);
  });

  test('a withdrawal that overtakes the start stops the process when it is there', () => {
    const m = new Machine().answer(assign(a)).after(2_000).answer(reply());
    expect(m.of('signal')).toEqual([]);
    expect(m.send({ kind: 'process-started', attemptId: 'a.0.1' }).of('signal')).toMatchObject([{ signal: 'TERM' }]);
  });

  test('a time limit ends as timeout, counted from the start of the process', () => {
    const m = new Machine().run(task('a.0.1', { timeoutMs: 1_500 }));
    m.after(50).answer(reply({ assigned: ['a.0.1'], nextSyncMs: 60_000 }));
    expect(m.after(1_449).of('signal')).toEqual([]);
    expect(m.after(1).of('signal')).toMatchObject([{ signal: 'TERM' }]);
    m.send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 143 });
    expect(m.state.attempts).toMatchObject([{ end: { outcome: 'timeout', exitCode: null } }]);
  });

  test('what is kept of a task after its end is none of its time', () => {
    const m = new Machine().run(task('a.0.1', { timeoutMs: 1_500 }));
    m.after(50).answer(reply({ assigned: ['a.0.1'], nextSyncMs: 60_000 }));
    m.send({ kind: 'keeping', attemptId: 'a.0.1' });
    expect(m.after(10_000).of('signal')).toEqual([]);
    m.send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 0 });
    expect(m.state.attempts).toMatchObject([{ end: { outcome: 'exited', exitCode: 0 } }]);
  });

  test('leave and shutdown stop everything; the agent exits when nothing is left, and says no more', () => {
    for (const how of ['leave', 'shutdown'] as const) {
      const m = new Machine().run(a).after(50);
      if (how === 'leave') m.answer(reply({ directive: 'leave', assigned: ['a.0.1'] }));
      else m.send({ kind: 'shutdown', reason: 'bye' });
      expect(m.of('signal')).toMatchObject([{ signal: 'TERM' }]);
      expect(m.of('exit')).toEqual([]);
      m.after(3_000);
      expect(m.of('signal')).toMatchObject([{ signal: 'KILL' }]);
      expect(m.send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 137 }).of('exit')).toHaveLength(1);
      expect(m.after(60_000).effects).toEqual([]);
    }
  });

  test('drain lets tasks finish', () => {
    const m = new Machine()
      .run(a)
      .after(50)
      .answer(reply({ directive: 'drain', assigned: ['a.0.1'] }));
    expect(m.state.isDraining).toBe(true);
    expect(m.of('signal')).toEqual([]);
  });
});

describe('the fence', () => {
  test('counts from the sending of the last successful sync, stops everything and starts nothing', () => {
    const m = new Machine({ tasksMax: 1 });
    m.monotonicMs += 4_000; // the answer takes four of the sixty seconds
    m.answer(assign(a, b)).send({ kind: 'process-started', attemptId: 'a.0.1' });
    for (let ms = 4_000; ms < 59_000; ms += 500) m.after(500);
    expect(m.state.attempts.map((one) => one.phase)).toEqual(['running', 'queued']);
    m.after(999);
    expect(m.of('signal')).toEqual([]);
    m.after(1);
    expect(m.of('signal')).toMatchObject([{ signal: 'TERM' }]);
    m.send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 143 });
    expect(m.started).toEqual([]);
    expect(m.state.attempts).toMatchObject([{ phase: 'uploading', end: { outcome: 'fenced' } }]);
  });

  test('an answer that waited in a frozen agent does not undo it', () => {
    const m = new Machine({ syncTimeoutMs: 90_000 }).run(a).after(50);
    m.monotonicMs += 60_000;
    m.send({ kind: 'sync-reply', seq: 2, reply: reply({ assigned: ['a.0.1'] }) });
    expect(m.of('signal')).toMatchObject([{ signal: 'TERM' }]);
  });

  test('an agent that is back in contact takes work again', () => {
    const m = new Machine().answer(assign(a)).send({ kind: 'process-started', attemptId: 'a.0.1' });
    for (let ms = 0; ms < 70_000; ms += 1_000) m.after(1_000);
    m.send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 143 }).send({ kind: 'uploaded', attemptId: 'a.0.1' });
    while (m.state.sync === null) m.after(500);
    m.answer(reply({ ...assign(b), acknowledged: ['a.0.1'] }));
    expect(m.started).toEqual(['b.0.1']);
  });
});

describe('a restart', () => {
  const past = (): Machine => new Machine().run(task('a.0.1', { timeoutMs: 10_000 }));

  test('goes on with a process that is still there, its time limit counted from its real start', () => {
    const m = new Machine(
      { bootId: '2' },
      past().journal,
      new Map([['a.0.1', { kind: 'running', startedAtMs: 1_001_000 }]]),
      6_000,
    );
    expect(m.sent).toMatchObject({
      bootId: '2',
      seq: 1,
      onNode: [{ attemptId: 'a.0.1', state: 'running', startedAtMs: 1_001_000 }],
    });
    m.answer(assign(task('a.0.1')));
    expect(m.started).toEqual([]);
    expect(m.after(5_000).of('signal')).toMatchObject([{ signal: 'TERM' }]);
  });

  test('does not take time from one that ended in time and whose artifacts are still to be kept', () => {
    const ended = { kind: 'running', startedAtMs: 1_001_000, hasEnded: true } as const;
    const m = new Machine({}, past().journal, new Map([['a.0.1', ended]]), 30_000);
    m.send({ kind: 'keeping', attemptId: 'a.0.1' }).send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 0 });
    expect(m.state.attempts).toMatchObject([{ end: { outcome: 'exited', exitCode: 0 } }]);
  });

  test('reports an end that came meanwhile with its exit code', () => {
    const m = new Machine(
      {},
      past().journal,
      new Map([['a.0.1', { kind: 'exited', exitCode: 7, startedAtMs: 1, endedAtMs: 2 }]]),
      6_000,
    );
    expect(m.of('upload')).toHaveLength(1);
    m.send({ kind: 'uploaded', attemptId: 'a.0.1' });
    expect(m.state.attempts).toMatchObject([{ end: { outcome: 'exited', exitCode: 7, endedAtMs: 2 } }]);
  });

  test('reports what is gone as an error and never starts it again', () => {
    const m = new Machine(
      {},
      past().journal,
      new Map([['a.0.1', { kind: 'gone', message: 'gone', startedAtMs: null }]]),
      6_000,
    );
    m.answer(assign(task('a.0.1')));
    expect(m.started).toEqual([]);
    expect(m.state.attempts).toMatchObject([{ phase: 'uploading', end: { outcome: 'error', message: 'gone' } }]);
  });

  test('remembers why it had stopped a process', () => {
    const before = past().after(50).answer(reply());
    const m = new Machine(
      {},
      before.journal,
      new Map([['a.0.1', { kind: 'gone', message: 'gone', startedAtMs: null }]]),
      6_000,
    );
    expect(m.state.attempts).toMatchObject([{ end: { outcome: 'withdrawn' } }]);
    const still = new Machine(
      {},
      before.journal,
      new Map([['a.0.1', { kind: 'running', startedAtMs: 1_001_000 }]]),
      6_000,
    );
    expect(still.of('signal')).toMatchObject([{ signal: 'TERM' }]);
  });

  test('does not restart the fence: the time without contact before it counts', () => {
    const survivors = new Map([['a.0.1', { kind: 'running', startedAtMs: 1_001_000 } as const]]);
    const journal = new Machine().run(a).journal;
    expect(new Machine({}, journal, survivors, 60_999).of('signal')).toEqual([]);
    expect(new Machine({}, journal, survivors, 61_000).of('signal')).toMatchObject([{ signal: 'TERM' }]);
  });

  test('the shortest journal rebuilds the same state', () => {
    const m = new Machine().run(a).after(50).answer(assign(b)).send({ kind: 'process-started', attemptId: 'b.0.1' });
    m.send({ kind: 'process-ended', attemptId: 'a.0.1', exitCode: 0 }).send({ kind: 'uploaded', attemptId: 'a.0.1' });
    m.after(50).answer(reply({ assigned: ['b.0.1'], acknowledged: ['a.0.1'] }));
    const survivors = new Map([['b.0.1', { kind: 'running', startedAtMs: 5 } as const]]);
    expect(new Machine({}, journalOf(m.state), survivors).state).toEqual(new Machine({}, m.journal, survivors).state);
  });
});
