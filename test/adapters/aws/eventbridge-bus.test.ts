// Events are sent until they are taken, only those that were not, and failing is told; a wake is tried once.
import { expect, test } from '@jest/globals';
import { EventBridgeBus, EventsNotSentError } from '../../../lib/adapters/aws/messaging/eventbridge-bus.ts';
import type { BusEntry } from '../../../lib/adapters/aws/messaging/eventbridge-bus.ts';

function bench(answers: (string | null | Error)[][]) {
  const sent: string[][] = [];
  const waits: number[] = [];
  const putEvents = async (entries: readonly BusEntry[]): Promise<readonly (string | null)[]> => {
    sent.push(entries.map((entry) => `${entry.DetailType} ${entry.Detail}`));
    const answer = answers.shift() ?? [];
    const [first] = answer;
    if (first instanceof Error) throw first;
    return entries.map((_, at) => (answer[at] ?? null) as string | null);
  };
  return { sent, waits, bus: new EventBridgeBus('b', putEvents, { sleep: async (ms) => void waits.push(ms) }) };
}
const gone = (id: string) => ({ type: 'NodeTerminated' as const, nodeId: id, pool: 'p', reason: 'r', atMs: 1 });

test('entries that were not taken are sent again, the others are not', async () => {
  const { bus, sent, waits } = bench([['ThrottlingException', null, 'InternalFailure'], [null, 'InternalFailure'], []]);
  await bus.publish(['a', 'b', 'c'].map(gone));
  const ids = sent.map((entries) => entries.map((entry) => /"nodeId":"(.)"/.exec(entry)?.[1]));
  expect(ids).toEqual([['a', 'b', 'c'], ['a', 'c'], ['c']]);
  expect(waits).toHaveLength(2);
});

test('what is never taken is told, after a bounded number of sendings', async () => {
  const refused = Array.from({ length: 9 }, () => ['InternalFailure']);
  const { bus, sent } = bench(refused);
  await expect(bus.publish([gone('a')])).rejects.toBeInstanceOf(EventsNotSentError);
  expect(sent).toHaveLength(4);
});

test('a call without an answer is sent again as a whole', async () => {
  const { bus, sent } = bench([[new Error('broken')], []]);
  await bus.publish(['a', 'b'].map(gone));
  expect(sent.map((entries) => entries.length)).toEqual([2, 2]);
});

test('publishing nothing calls nobody; ten go in a call', async () => {
  const { bus, sent } = bench([]);
  await bus.publish([]);
  await bus.publish(Array.from({ length: 23 }, (_, at) => gone(String(at))));
  expect(sent.map((entries) => entries.length)).toEqual([10, 10, 3]);
});

test('a wake that fails is told at once: the debt is written, and the schedule finds it', async () => {
  const { bus, sent } = bench([['ThrottlingException']]);
  await expect(bus.wake('p')).rejects.toBeInstanceOf(EventsNotSentError);
  expect(sent).toEqual([['Wake {"pool":"p"}']]);
});
