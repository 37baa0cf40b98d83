// Small outputs: they come with the ends of their attempts, are stored with them, and are read like any other.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { syncRequest } from '../../../lib/api/schemas/agent-protocol.ts';
import { agentLimits } from '../../../lib/api/limits.ts';
import { endsBytesMax, endsPerSyncMax } from '../../../lib/core/plan/bounds.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { attemptId } from '../../../lib/core/records/request.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import type { AttemptEnd, SyncRequest } from '../../../lib/core/records/sync.ts';
import { jsonBytes } from '../../../lib/core/values/json-bytes.ts';
import { smallOutputBytesMax } from '../../../lib/core/values/output.ts';
import type { SmallOutput } from '../../../lib/core/values/output.ts';
import { poolSpec, submission, taskSpec, World } from '../world.ts';

const text = (stdout: string, stderr = ''): SmallOutput => ({ stdout, stderr, truncated: false });
const frame = jsonBytes(text(''));

class OutputWorld extends World {
  #seq = 10_000;

  get nodeId(): string {
    return this.cloud.instances()[0]?.id ?? '';
  }

  async assigned(): Promise<readonly string[]> {
    const item = await this.ports.store.get<NodeRecord>(keys.node('default', this.nodeId));
    return (item?.data.assigned ?? []).map((one) => one.attemptId);
  }

  /** A request of so many tasks, which run on one node. */
  async running(count: number, retries = 0): Promise<string> {
    await this.control.putPool({ ...poolSpec, tasksPerNode: 1_000, limits: { instances: 1 }, idleAfterMs: 600_000 });
    const resources = { cpuMilli: 1, memoryMib: 1, gpu: 0 };
    const { request } = await this.control.submit(submission({ ...taskSpec, count, retries, resources }));
    await this.untilAssigned(count);
    return request.id;
  }

  async untilAssigned(count: number): Promise<void> {
    for (let steps = 0; (await this.assigned()).length < count && steps < 200; steps += 1) {
      this.nowMs += 1_000;
      await this.tickDue();
      if (this.nodeId !== '') await this.send();
    }
    expect(await this.assigned()).toHaveLength(count);
  }

  send(ends: readonly AttemptEnd[] = [], running: readonly string[] = []) {
    this.#seq += 1;
    const sync: SyncRequest = {
      nodeId: this.nodeId,
      pool: 'default',
      bootId: 'boot',
      seq: this.#seq,
      ends,
      onNode: running.map((id) => ({ attemptId: id, state: 'running', startedAtMs: this.nowMs })),
    };
    // What the API would not take is no sync.
    return this.control.sync(syncRequest.parse(sync));
  }

  end(id: string, output?: SmallOutput, exitCode = 0): AttemptEnd {
    const atMs = this.nowMs;
    const end = {
      attemptId: id,
      outcome: 'exited',
      exitCode,
      message: null,
      startedAtMs: atMs,
      endedAtMs: atMs,
    } as const;
    return output === undefined ? end : { ...end, output };
  }
}

let world: OutputWorld;
let uploaded: Map<string, string>;
beforeEach(() => {
  world = new OutputWorld();
  uploaded = new Map();
  world.ports.outputs.read = async (id) => {
    const stdout = uploaded.get(id);
    return stdout === undefined
      ? null
      : { stdout, stderr: '', isTruncated: false, leftOutBytes: { stdout: 0, stderr: 0 } };
  };
});

const shown = async (id: string, index = 0, tailBytes = 100_000): Promise<string | undefined> => {
  const output = await world.control.readOutput('default', id, index, tailBytes);
  return output ? `${output.stdout}|${output.stderr}` : undefined;
};

test('replies say that they may come, and how long they may be', async () => {
  await world.running(1);
  expect((await world.send()).outputBytesMax).toBe(smallOutputBytesMax);
});

describe.each([
  ['of a single task', 1],
  ['of a task of an array', 30],
])('the output %s', (_, count) => {
  test('is read when its end is stored, or its tail', async () => {
    const id = await world.running(count);
    await world.send([world.end(attemptId(id, count - 1, 1), text('hällo', 'warn'))]);
    expect(await shown(id, count - 1)).toBe('hällo|warn');
    expect(await shown(id, count - 1, 4)).toBe('llo|warn');
    expect(await world.control.readOutput('default', id, count - 1, 4)).toMatchObject({
      truncated: true,
      leftOutBytes: { stdout: 3, stderr: 0 },
    });
  });

  test('may be stored by a sync whose end is not, and that comes again', async () => {
    const id = await world.running(count);
    const end = world.end(attemptId(id, 0, 1), text('once'));
    const { store } = world.ports;
    const put = store.put.bind(store);
    let isFailing = true;
    store.put = (write) =>
      isFailing && !write.item.sk.startsWith('OUTPUT') ? Promise.reject(new Error('a crash')) : put(write);
    await expect(world.send([end])).rejects.toThrow('a crash');
    isFailing = false;
    expect((await world.send([end])).acknowledged).toEqual([end.attemptId]);
    await world.send([end]);
    expect(await shown(id)).toBe('once|');
  });

  test('is that of the last attempt that has one, wherever that is', async () => {
    const id = await world.running(count, 3);
    const rest = (await world.assigned()).filter((one) => one !== attemptId(id, 0, 1));
    await world.send([world.end(attemptId(id, 0, 1), text('first'), 1)], rest);
    expect(await shown(id)).toBe('first|');
    world.nowMs += 60_000;
    await world.untilAssigned(count);
    expect(await world.assigned()).toContain(attemptId(id, 0, 2));
    expect(await shown(id)).toBe('first|');
    uploaded.set(attemptId(id, 0, 2), 'the second, which is long');
    expect(await shown(id)).toBe('the second, which is long|');
    await world.send([world.end(attemptId(id, 0, 2), text('second'))], rest);
    expect(await shown(id)).toBe('second|');
  });

  test('that comes with an attempt which the node does not carry changes nothing', async () => {
    const id = await world.running(count);
    await world.send([world.end(attemptId(id, 0, 7), text('stale'))]);
    expect(await shown(id)).toBe('|');
  });
});

describe('at the largest', () => {
  // Control characters take six bytes each, and an end beside it a message as long as the API takes.
  const widest = text('\u0001'.repeat(Math.floor((smallOutputBytesMax - frame) / 6)));

  test('what the API takes is what agents may send, and one byte more is refused', () => {
    const exact = text('x'.repeat(smallOutputBytesMax - frame));
    expect(jsonBytes(exact)).toBe(smallOutputBytesMax);
    const parse = (output: SmallOutput) =>
      syncRequest.safeParse({
        nodeId: 'i-0123456789abcdef0',
        pool: 'default',
        bootId: 'b',
        seq: 1,
        onNode: [],
        ends: [world.end('r.0.1', output)],
      });
    expect(parse(exact).success).toBe(true);
    expect(parse(text(`${exact.stdout}x`)).success).toBe(false);
  });

  test('so many ends as one sync carries fit into its body', () => {
    const end = { ...world.end(attemptId('r'.repeat(40), 999_999, 99), widest), message: 'm'.repeat(1_000) };
    expect(jsonBytes(end) * endsPerSyncMax).toBeLessThanOrEqual(endsBytesMax);
    expect(endsBytesMax).toBeLessThan(agentLimits.bodyBytes);
  });

  test('an array ends as a whole with one sync after the other, each output beside it', async () => {
    const count = 2 * endsPerSyncMax + 10;
    const id = await world.running(count);
    const all = await world.assigned();
    for (let from = 0; from < count; from += endsPerSyncMax) {
      const part = all.slice(from, from + endsPerSyncMax);
      const { acknowledged } = await world.send(
        part.map((one) => world.end(one, widest)),
        all.slice(from + endsPerSyncMax),
      );
      expect(acknowledged).toHaveLength(part.length);
    }
    expect(await world.assigned()).toEqual([]);
    for (const index of [0, 24, 25, count - 1]) expect(await shown(id, index)).toBe(`${widest.stdout}|`);
    await world.tickDue();
    expect((await world.control.getRequest('default', id))?.state).toBe('succeeded');
  });
});

test('the ends of one chunk are one write', async () => {
  const id = await world.running(25);
  const before = world.changes.length;
  await world.send((await world.assigned()).map((one) => world.end(one)));
  const written = world.changes.slice(before).filter(({ key }) => key.pk === `REQUEST#${id}`);
  expect(written).toHaveLength(1);
});
