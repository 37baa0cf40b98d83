// Following a task: each look answers what came after the last one, whatever was left out or began anew.
import { describe, expect, test } from '@jest/globals';
import { fc } from '../../properties.ts';
import { leftOutLine, nothingLeftOut } from '../../../lib/core/values/output.ts';
import { outputSince } from '../../../lib/ports/outputs.ts';
import type { AttemptOutput } from '../../../lib/ports/outputs.ts';
import { poolSpec, submission, World } from '../world.ts';

const whole = (stdout: string, stderr = ''): AttemptOutput => ({
  stdout,
  stderr,
  isTruncated: false,
  leftOutBytes: nothingLeftOut,
});
const cut = (head: string, leftOut: number, tail: string): AttemptOutput => ({
  ...whole(`${head}${leftOutLine(leftOut)}${tail}`),
  isTruncated: true,
  leftOutBytes: { stdout: leftOut, stderr: 0 },
});
const at = (stdout: number, stderr = 0) => ({ attempt: 1, stdout, stderr });

describe('what came after a position', () => {
  test('is the rest of each stream', () => {
    const { output, next } = outputSince(whole('one\ntwo\n', 'err'), at(4, 3), true);
    expect(output).toMatchObject({ stdout: 'two\n', stderr: '', isTruncated: false });
    expect(next).toEqual(at(8, 3));
    expect(outputSince(whole('one\ntwo\n'), at(99), true).output.stdout).toBe('');
  });

  test.each<[string, number, string, number]>([
    ['before the gap', 2, `ad${leftOutLine(100)}tail`, 100],
    ['at the gap', 4, `${leftOutLine(100)}tail`, 100],
    ['in the gap: only what is behind it was missed', 54, `${leftOutLine(50)}tail`, 50],
    ['behind the gap', 106, 'il', 0],
    ['at the end', 108, '', 0],
  ])('%s of what is kept', (_what, since, text, leftOut) => {
    const { output, next } = outputSince(cut('head', 100, 'tail'), at(since), true);
    expect([output.stdout, output.leftOutBytes.stdout, next.stdout]).toEqual([text, leftOut, 108]);
    expect(output.isTruncated).toBe(leftOut > 0);
  });

  test('a character that is half written comes whole with the next look', () => {
    const first = outputSince(whole('a\ufffd'), at(0), true);
    expect([first.output.stdout, first.next.stdout]).toEqual(['a', 1]);
    expect(outputSince(whole('aé'), first.next, true).output.stdout).toBe('é');
    // Of one that has ended nothing more comes.
    expect(outputSince(whole('a\ufffd'), at(0), false).output.stdout).toBe('a\ufffd');
  });

  test('all looks together are the stream', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (parts) => {
        let [text, seen, position] = ['', '', at(0)];
        for (const part of parts) {
          text += part;
          const { output, next } = outputSince(whole(text), position, true);
          seen += output.stdout;
          position = next;
        }
        seen += outputSince(whole(text), position, false).output.stdout;
        expect(seen).toBe(text);
      }),
    );
  });
});

test('all of it may be kept apart where that was asked for, not all is here, and its attempt has ended', async () => {
  const apart = async (more: object, output: AttemptOutput, hasEnded = true): Promise<string | null | undefined> => {
    const world = new World();
    await world.control.putPool(poolSpec);
    world.ports.outputs.read = async () => output;
    world.ending = () => (hasEnded ? { outcome: 'exited', exitCode: 0 } : null);
    const { request } = await world.control.submit(submission(more));
    await world.run(8);
    const shown = await world.control.readOutput('default', request.id, 0, 1_000);
    return shown?.keptApart && shown.keptApart.replace(request.id, 'r');
  };
  const asked = { output: { keepMib: 1 } };
  expect(await apart(asked, cut('a', 5, 'b'))).toBe('r.0.1');
  expect(await apart(asked, whole('a'))).toBeNull();
  expect(await apart({}, cut('a', 5, 'b'))).toBeNull();
  expect(await apart(asked, cut('a', 5, 'b'), false)).toBeNull();
});

describe('following a task', () => {
  test('from the tail on: a character that is half written is shown once, whole', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    let kept = whole('A\udce2\udc82');
    world.ports.outputs.read = async () => kept;
    world.ending = () => null;
    const { request } = await world.control.submit(submission());
    await world.run(8);
    const first = await world.control.readOutput('default', request.id, null, 100);
    expect([first?.stdout, Buffer.from(first?.bytes.stdout ?? []).toString('hex')]).toEqual(['A', '41']);
    kept = whole('A€B\n');
    const second = await world.control.readOutput('default', request.id, null, 100, first?.next);
    expect(second?.stdout).toBe('€B\n');
    // Once it has ended, nothing more comes: what there is is shown.
    kept = whole('A\udce2\udc82');
    world.ending = () => ({ outcome: 'exited', exitCode: 0 });
    await world.syncAll();
    const ended = await world.control.readOutput('default', request.id, null, 100);
    expect(Buffer.from(ended?.bytes.stdout ?? []).toString('hex')).toBe('41e282');
  });

  test('goes on where the last look ended, over its next attempt, until it has ended', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    const outputs = new Map<string, AttemptOutput>();
    world.ports.outputs.read = async (id) => outputs.get(id) ?? null;
    world.ending = () => null;
    const { request } = await world.control.submit(submission({ retries: 1 }));
    const look = async (since: Parameters<typeof world.control.readOutput>[4]) => {
      const output = await world.control.readOutput('default', request.id, 0, 1_000, since);
      if (output === null) throw new Error('no task');
      return output;
    };
    const none = await look({ attempt: 0, stdout: 0, stderr: 0 });
    expect(none).toMatchObject({ stdout: '', hasEnded: false, next: { attempt: 0 } });
    await world.run(8);
    outputs.set(`${request.id}.0.1`, whole('one\n'));
    const first = await look(none.next);
    expect(first).toMatchObject({ stdout: 'one\n', next: at(4), hasEnded: false });
    expect(await look(first.next)).toMatchObject({ stdout: '', next: at(4) });
    world.ending = () => ({ outcome: 'exited', exitCode: 1 });
    await world.syncAll();
    // It waits for its next attempt: what the first one wrote is not told again.
    expect(await look(first.next)).toMatchObject({ stdout: '', next: at(4), hasEnded: false });
    world.ending = () => null;
    await world.run(8);
    outputs.set(`${request.id}.0.2`, whole('two\n'));
    const second = await look(first.next);
    expect(second).toMatchObject({ stdout: 'two\n', next: { attempt: 2, stdout: 4 } });
    world.ending = () => ({ outcome: 'exited', exitCode: 0 });
    outputs.set(`${request.id}.0.2`, whole('two\nend\n'));
    await world.syncAll();
    expect(await look(second.next)).toMatchObject({ stdout: 'end\n', hasEnded: true });
  });

  test('shows the rest of an attempt before the next one, and all of those in between', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    const outputs = new Map<string, AttemptOutput>();
    world.ports.outputs.read = async (id) => outputs.get(id) ?? null;
    world.ending = () => ({ outcome: 'exited', exitCode: 1 });
    const { request } = await world.control.submit(submission({ retries: 3 }));
    await world.run(60);
    expect((await world.control.getRequest('default', request.id))?.state).toBe('failed');
    // The third attempt wrote nothing.
    for (const [attempt, text] of [
      [1, 'one\nlast words\n'],
      [2, 'two\n'],
      [4, 'four\n'],
    ] as const)
      outputs.set(`${request.id}.0.${String(attempt)}`, whole(text));
    const seen: string[] = [];
    let since: Parameters<typeof world.control.readOutput>[4] = at(4);
    for (let hasEnded = false; !hasEnded && seen.length < 9;) {
      const output = await world.control.readOutput('default', request.id, 0, 1_000, since);
      seen.push(output?.stdout ?? '');
      since = output?.next ?? since;
      hasEnded = output?.hasEnded ?? true;
    }
    expect(seen).toEqual(['last words\n', 'two\n', 'four\n']);
    outputs.delete(`${request.id}.0.4`);
    const none = await world.control.readOutput('default', request.id, 0, 1_000, { ...at(4), attempt: 2 });
    expect(none).toMatchObject({ stdout: '', next: { attempt: 2, stdout: 4 }, hasEnded: true });
    // Of an attempt that there is not nobody has seen anything.
    const other = await world.control.readOutput('default', request.id, 0, 1_000, { ...at(4), attempt: 9 });
    expect(other).toMatchObject({ stdout: 'two\n', hasEnded: true });
  });
});
