// The loop that waits at a node's bell: what rings is passed on, and what cannot be heard is said and tried again.
import { afterEach, expect, test } from '@jest/globals';
import { BellListener } from '../../agent/bell-listener.ts';
import { ringWaitMs } from '../../lib/core/records/sync.ts';
import { until } from '../hang.ts';

type Call = { readonly address: string; readonly waitMs: number; readonly stopping: AbortSignal };

class Bell {
  readonly calls: Call[] = [];
  readonly notes: boolean[] = [];
  readonly lines: string[] = [];
  rings = 0;
  answers: (() => Promise<boolean>)[] = [];
  readonly listener = new BellListener({
    transport: {
      listen: (address, waitMs, stopping) => {
        this.calls.push({ address, waitMs, stopping });
        const answer = this.answers.shift();
        if (answer !== undefined) return answer();
        return new Promise((_, reject) => stopping.addEventListener('abort', () => reject(new Error('stopped'))));
      },
    },
    log: (line) => void this.lines.push(line),
    onRung: () => void (this.rings += 1),
    onListening: (isListening) => void this.notes.push(isListening),
    againMs: { first: 5, most: 20 },
  });
}

let bell: Bell;
afterEach(() => {
  bell.listener.stop();
});

test('the first call does not wait: it finds out whether the bell is there; further ones do', async () => {
  bell = new Bell();
  bell.answers = [async () => false, async () => true, async () => true];
  bell.listener.listenAt('/bell');
  await until(() => bell.calls.length === 4, 'four calls');
  expect(bell.calls.map((one) => one.waitMs)).toEqual([0, ringWaitMs, ringWaitMs, ringWaitMs]);
  expect([bell.rings, bell.notes, bell.lines]).toEqual([2, [true], []]);
});

test('a bell that cannot be heard is said once and tried again, first without waiting', async () => {
  bell = new Bell();
  const fail = async (): Promise<boolean> => Promise.reject(new Error('no way there'));
  bell.answers = [async () => false, fail, fail, fail, async () => true];
  bell.listener.listenAt('/bell');
  await until(() => bell.rings === 1, 'the ring');
  expect(bell.calls.map((one) => one.waitMs).slice(0, 5)).toEqual([0, ringWaitMs, 0, 0, 0]);
  expect(bell.notes).toEqual([true, false, true]);
  expect(bell.lines).toEqual(['the bell cannot be heard; the agent asks more often: no way there']);
});

test('where it listens already it goes on, and another address takes the place of the first', async () => {
  bell = new Bell();
  bell.listener.listenAt('/one');
  bell.listener.listenAt('/one');
  bell.listener.listenAt('/two');
  await until(() => bell.calls.length === 2, 'two calls');
  expect(bell.calls.map((one) => [one.address, one.stopping.aborted])).toEqual([
    ['/one', true],
    ['/two', false],
  ]);
  expect(bell.notes).toEqual([]);
});

test('an answer long before its time that is no ring is not asked for again at once', async () => {
  bell = new Bell();
  let answered = 0;
  const early = async (): Promise<boolean> => {
    answered += 1;
    return false;
  };
  bell.answers = Array.from({ length: 1_000 }, () => early);
  bell.listener.listenAt('/bell');
  await new Promise((wake) => setTimeout(wake, 60));
  expect(answered).toBeLessThanOrEqual(20);
});
