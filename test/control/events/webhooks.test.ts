// Webhooks: what is delivered, in which order, when it is tried again, and what is given up.
import { describe, expect, test } from '@jest/globals';
import { loggedEvents } from '../../../lib/control/events/log.ts';
import { mayConnect, urlProblem } from '../../../lib/control/events/webhooks/addresses.ts';
import { Webhooks } from '../../../lib/control/events/webhooks/declare.ts';
import { deliverWebhooks, missedMessage } from '../../../lib/control/events/webhooks/deliver.ts';
import type { DeliveryPorts, DeliveryReport } from '../../../lib/control/events/webhooks/deliver.ts';
import {
  deliveryTriesMax,
  webhooksMax,
  webhooksPerTenantMax,
  waitingMax,
} from '../../../lib/control/events/webhooks/records.ts';
import type { WebhookSpec } from '../../../lib/control/events/webhooks/records.ts';
import { newSecret, signatureHeaders } from '../../../lib/control/events/webhooks/signature.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { BellowsEvent } from '../../../lib/ports/events.ts';
import { withCheckedRecords } from '../../../lib/control/tick/set-aside.ts';
import { settings, World } from '../world.ts';

const spec: WebhookSpec = { tenant: 't', name: 'ci', url: 'https://example.com/hook', filter: {} };

function ended(requestId: string, state: 'succeeded' | 'failed' = 'succeeded'): BellowsEvent {
  return { type: 'TaskEnded', requestId, pool: 'p', tenant: 't', state, reason: null, atMs: 1 };
}

class Bench {
  readonly world = new World();
  readonly webhooks = new Webhooks(withCheckedRecords(this.world.ports), settings);
  readonly sink = loggedEvents(this.world.ports, settings, { publish: async () => {} });
  readonly calls: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }[] = [];
  /** By body; what is not named is answered with 204. */
  answer: (body: string) => { status: number } | { error: string } = () => ({ status: 204 });
  /** In the log. */
  readonly said: string[] = [];
  readonly ports: DeliveryPorts = {
    ...this.world.ports,
    log: {
      write: (_level, message) => {
        this.said.push(message);
      },
    },
    sender: {
      send: async (message) => {
        this.calls.push(message);
        return this.answer(message.body);
      },
    },
    bodyOf: ({ event }) => ('requestId' in event ? event.requestId : event.nodeId),
  };

  /** What was called since the last time. */
  async run(seconds = 0): Promise<readonly string[]> {
    this.world.nowMs += seconds * 1_000;
    this.calls.length = 0;
    await this.deliver();
    return this.calls.map(({ body }) => body);
  }

  deliver(untilMs = Infinity): Promise<DeliveryReport> {
    return deliverWebhooks(this.ports, settings, untilMs);
  }

  /** Settled at once. */
  async publish(...names: readonly string[]): Promise<void> {
    for (const name of names) await this.sink.publish([ended(name)]);
    this.world.nowMs += settings.eventsSettleMs + 1;
  }

  async states(): Promise<readonly string[]> {
    const page = await this.webhooks.undelivered('t', 'ci', { limit: 1_000 });
    return (page?.items ?? []).map(
      ({ event, tries, nextTryAtMs }) =>
        `${'requestId' in event ? event.requestId : ''} ${String(tries)} ${nextTryAtMs === null ? 'dead' : 'waits'}`,
    );
  }
}

describe('signatures', () => {
  test('are those of the published test vector of Standard Webhooks', () => {
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', atMs: 1_614_265_330_999, body: '{"test": 2432232314}' };
    expect(signatureHeaders(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], message)).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test('of several secrets are separated by blanks; secrets are 32 bytes in base64, each another', () => {
    const { random } = new World().ports;
    const [a, b] = [newSecret(random), newSecret(random)];
    expect(a).not.toBe(b);
    expect(a).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const { 'webhook-signature': both } = signatureHeaders([a, b], { id: 'x', atMs: 0, body: '' });
    expect(both).toMatch(/^v1,\S+ v1,\S+$/);
  });
});

describe('addresses', () => {
  test.each([
    ['https://example.com/x', null, null],
    ['https://example.com:8443/x', null, null],
    ['https://93.184.215.14/', null, null],
    ['http://example.com/', 'must be https', 'must be https, or http to this machine'],
    ['http://127.0.0.1:9/', 'must not be this machine itself', null],
    ['http://localhost:9/', 'must not be this machine itself', null],
    ['https://[::1]/', 'must not be this machine itself', null],
    ['https://[::ffff:127.0.0.1]/', 'must not be a link-local, private or reserved address', undefined],
    ['http://0x7f000001/', 'must not be this machine itself', null],
    ['ftp://example.com/', 'must be https', 'must be https, or http to this machine'],
    ['https://u:p@example.com/', 'must not have a user or password; deliveries are signed', undefined],
    ['no address', 'must be an address such as https://example.com/bellows', undefined],
  ])('%s', (url, publicly, here) => {
    expect(urlProblem('public', url)).toBe(publicly);
    expect(urlProblem('loopback', url)).toBe(here === undefined ? publicly : here);
  });

  test.each([
    ['169.254.169.254', false, false],
    ['fd00:ec2::254', false, false],
    ['fe80::1', false, false],
    ['::ffff:169.254.169.254', false, false],
    ['::ffff:a9fe:a9fe', false, false],
    ['0.0.0.0', false, false],
    ['255.255.255.255', false, false],
    ['no address', false, false],
    ['127.0.0.1', false, true],
    ['::1', false, true],
    ['10.1.2.3', false, true],
    ['::ffff:10.1.2.3', false, false],
    ['::ffff:a01:203', false, false],
    ['::', false, false],
    ['172.31.255.255', false, true],
    ['192.168.1.1', false, true],
    ['100.64.0.1', false, true],
    ['fd12::1', false, true],
    ['64:ff9b::a9fe:a9fe', false, true],
    ['93.184.215.14', true, true],
    ['2606:2800:21f:cb07:6820:80da:af6b:8b2c', true, true],
  ])('%s', (address, publicly, here) => {
    expect(mayConnect('public', address)).toBe(publicly);
    expect(mayConnect('loopback', address)).toBe(here);
  });
});

describe('a webhook', () => {
  test('is sent what happens after it was declared, once, signed with its secret', async () => {
    const bench = new Bench();
    await bench.publish('before');
    const { secret } = await bench.webhooks.put(spec);
    await bench.publish('a', 'b');
    expect(await bench.run()).toEqual(['a', 'b']);
    const [first] = bench.calls;
    expect(first?.url).toBe(spec.url);
    const id = first?.headers['webhook-id'] ?? '';
    expect(id).toMatch(/^evt_[0-9a-f]{26}$/);
    expect(first?.headers).toEqual(signatureHeaders([secret ?? ''], { id, atMs: bench.world.nowMs, body: 'a' }));
    expect(await bench.run(3_600)).toEqual([]);
    expect((await bench.webhooks.get('t', 'ci'))?.state).toMatchObject({ delivered: 2, failingSinceMs: null });
  });

  test.each([
    [{ types: ['NodeTerminated' as const] }, ['i-1']],
    [{ pool: 'q' }, []],
    [{ labels: [['team', 'a'] as const] }, ['labelled']],
  ])('is sent what it wants: %j', async (filter, wanted) => {
    const bench = new Bench();
    await bench.webhooks.put({ ...spec, filter });
    await bench.sink.publish([
      ended('a'),
      { ...ended('labelled'), labels: { team: 'a' } } as BellowsEvent,
      { type: 'NodeTerminated', nodeId: 'i-1', pool: 'p', reason: 'idle', atMs: 1 },
      { ...ended('of another'), tenant: 'u' } as BellowsEvent,
    ]);
    expect(await bench.run(60)).toEqual(wanted);
  });

  test('declared again keeps its secret and its place; deleted and declared anew it begins anew', async () => {
    const bench = new Bench();
    const { secret } = await bench.webhooks.put(spec);
    await bench.publish('a');
    const again = await bench.webhooks.put({ ...spec, url: 'https://example.com/other' });
    expect(again.secret).toBeNull();
    expect(again.record.secrets.map((one) => one.secret)).toEqual([secret]);
    expect(await bench.run()).toEqual(['a']);
    expect(bench.calls[0]?.url).toBe('https://example.com/other');
    await bench.publish('b');
    expect(await bench.webhooks.delete('t', 'ci')).not.toBeNull();
    expect(await bench.webhooks.delete('t', 'ci')).toBeNull();
    expect(await bench.run()).toEqual([]);
    expect((await bench.webhooks.put(spec)).secret).not.toBe(secret);
    expect(await bench.run()).toEqual([]);
    expect(await bench.webhooks.list('u')).toEqual([]);
    expect((await bench.webhooks.list('t')).map((one) => one.record.name)).toEqual(['ci']);
  });

  test('that is deleted while it is delivered to is sent nothing more, and leaves no state', async () => {
    const bench = new Bench();
    const { record } = await bench.webhooks.put(spec);
    await bench.publish('a', 'b', 'c');
    const { sender } = bench.ports;
    const send = sender.send.bind(sender);
    sender.send = async (message) => {
      await bench.webhooks.delete('t', 'ci');
      return send(message);
    };
    expect(await bench.run()).toEqual(['a']);
    expect(await bench.run(60)).toEqual([]);
    expect(await bench.world.ports.store.get(keys.webhookState(record.id))).toBeNull();
  });

  test('that is deleted after the run has listed it is not sent to', async () => {
    const bench = new Bench();
    const { record } = await bench.webhooks.put(spec);
    await bench.publish('a');
    const { store } = bench.world.ports;
    const get = store.get.bind(store);
    const key = keys.webhookState(record.id);
    store.get = async (asked) => {
      store.get = get;
      await bench.webhooks.delete('t', 'ci');
      return get(asked);
    };
    expect(await bench.run()).toEqual([]);
    expect(await store.get(key)).toBeNull();
  });

  test('is refused where its address may not be called, and where there are as many as may be', async () => {
    const bench = new Bench();
    const bad = bench.webhooks.put({ ...spec, url: 'https://169.254.169.254/latest' });
    await expect(bad).rejects.toThrow('url must not be a link-local, private or reserved address');
    for (let n = 0; n < webhooksPerTenantMax; n += 1) await bench.webhooks.put({ ...spec, name: `n${String(n)}` });
    await expect(bench.webhooks.put(spec)).rejects.toThrow('t has 10 webhooks, which is the most there can be');
    expect((await bench.webhooks.put({ ...spec, name: 'n0' })).secret).toBeNull();
    for (let n = webhooksPerTenantMax; n < webhooksMax; n += 1)
      await bench.webhooks.put({ ...spec, tenant: `t${String(n)}` });
    await expect(bench.webhooks.put({ ...spec, tenant: 'one more' })).rejects.toThrow('the installation has 200');
  });

  test('that rotates signs with both secrets until the old one ends, and with three at most', async () => {
    const bench = new Bench();
    const first = await bench.webhooks.put(spec);
    const second = await bench.webhooks.rotate('t', 'ci', 60_000);
    await bench.publish('a');
    await bench.run();
    const id = bench.calls[0]?.headers['webhook-id'] ?? '';
    const message = { id, atMs: bench.world.nowMs, body: 'a' };
    expect(bench.calls[0]?.headers).toEqual(signatureHeaders([second?.secret ?? '', first.secret ?? ''], message));
    await bench.webhooks.rotate('t', 'ci', 60_000);
    await bench.webhooks.rotate('t', 'ci', 60_000).then(
      () => expect('accepted').toBe('refused'),
      (error: unknown) => expect(String(error)).toContain('3 secrets of the webhook ci sign already'),
    );
    await bench.publish('b');
    await bench.run(120);
    expect(bench.calls[0]?.headers['webhook-signature']?.split(' ')).toHaveLength(1);
    expect(await bench.webhooks.rotate('t', 'other', 0)).toBeNull();
  });
});

describe('an event that is not delivered', () => {
  test('is tried again after 5 s, 30 s and so on, and is a dead letter after nine tries', async () => {
    const bench = new Bench();
    await bench.webhooks.put(spec);
    await bench.publish('a');
    bench.answer = () => ({ status: 500 });
    const startMs = bench.world.nowMs;
    const atSeconds: number[] = [];
    for (let s = 0; s < 130_000; s += 5)
      if ((await bench.run(s === 0 ? 0 : 5)).length > 0) atSeconds.push((bench.world.nowMs - startMs) / 1000);
    expect(atSeconds).toHaveLength(deliveryTriesMax);
    expect(atSeconds.slice(0, 4)).toEqual([0, 5, 35, 335]);
    expect(atSeconds.at(-1)).toBeGreaterThan(27 * 3_600);
    expect(await bench.states()).toEqual([`a ${String(deliveryTriesMax)} dead`]);
    expect((await bench.webhooks.get('t', 'ci'))?.state).toMatchObject({
      error: 'the endpoint answered 500',
      failingSinceMs: startMs,
    });
  });

  test('keeps back what is of the same request, and nothing else; then they come in their order', async () => {
    const bench = new Bench();
    await bench.webhooks.put(spec);
    let isBad = true;
    bench.answer = (body) => (isBad && body === 'a' ? { error: 'connection refused' } : { status: 200 });
    await bench.sink.publish([ended('a'), ended('b'), ended('a', 'failed'), ended('c')]);
    expect(await bench.run(60)).toEqual(['a', 'b', 'c']);
    expect(await bench.states()).toEqual(['a 1 waits', 'a 0 waits']);
    isBad = false;
    expect(await bench.run(1)).toEqual([]);
    expect(await bench.run(5)).toEqual(['a', 'a']);
    const ids = new Set(bench.calls.map((call) => call.headers['webhook-id']));
    expect(ids.size).toBe(2);
    expect(await bench.states()).toEqual([]);
  });

  test('an endpoint that fails three times rests, longer each time; then it gets what it missed', async () => {
    const bench = new Bench();
    await bench.webhooks.put(spec);
    const names = Array.from({ length: 30 }, (_, n) => `r${String(n)}`);
    await bench.publish(...names);
    bench.answer = () => ({ status: 503 });
    expect(await bench.run()).toEqual(['r0', 'r1', 'r2']);
    expect(await bench.run(4)).toEqual([]);
    expect(await bench.run(2)).toEqual(['r0']);
    expect(await bench.run(5)).toEqual([]);
    expect(await bench.run(6)).toEqual(['r1']);
    bench.answer = () => ({ status: 200 });
    const seen = new Set<string>();
    for (let n = 0; n < 100; n += 1) for (const body of await bench.run(10)) seen.add(body);
    expect([...seen].sort()).toEqual([...names].sort());
  });

  test('so many wait at most; the log keeps the others until there is room', async () => {
    const bench = new Bench();
    await bench.webhooks.put(spec);
    const names = Array.from({ length: 2 * waitingMax }, (_, n) => `r${String(n)}`);
    await bench.sink.publish(names.map((name) => ended(name)));
    bench.answer = () => ({ status: 500 });
    for (let n = 0; n < 2_000; n += 1) await bench.run(60);
    const states = await bench.states();
    expect(states.filter((one) => one.endsWith('waits')).length).toBeLessThanOrEqual(waitingMax);
    bench.answer = () => ({ status: 200 });
    const seen = new Set((await bench.states()).flatMap((one) => (one.endsWith('dead') ? [one.split(' ')[0]] : [])));
    for (let n = 0; n < 800; n += 1) for (const body of await bench.run(120)) seen.add(body);
    expect(seen.size).toBe(names.length);
  });

  test('is delivered again when its dead letter is replayed, with the same id', async () => {
    const bench = new Bench();
    await bench.webhooks.put(spec);
    await bench.publish('a');
    bench.answer = () => ({ status: 500 });
    await bench.run();
    const [before] = bench.calls;
    for (let n = 0; n < 40; n += 1) await bench.run(3_600);
    expect(await bench.states()).toEqual([`a ${String(deliveryTriesMax)} dead`]);
    bench.answer = () => ({ status: 200 });
    expect(await bench.webhooks.replay('t', 'ci', { kind: 'dead-letters' })).toMatchObject({ replayed: 1 });
    expect(await bench.run(1)).toEqual(['a']);
    expect(bench.calls[0]?.headers['webhook-id']).toBe(before?.headers['webhook-id']);
    expect(await bench.states()).toEqual([]);
    expect(await bench.webhooks.replay('t', 'other', { kind: 'dead-letters' })).toBeNull();
  });

  test('that is a dead letter, is replayed by time and fails again stays one, and stops nothing', async () => {
    const bench = new Bench();
    await bench.webhooks.put(spec);
    const sinceMs = bench.world.nowMs;
    await bench.publish('bad');
    bench.answer = (body) => ({ status: body === 'bad' ? 500 : 204 });
    for (let n = 0; n < 40; n += 1) await bench.run(3_600);
    await bench.webhooks.replay('t', 'ci', { kind: 'since', sinceMs });
    for (let n = 0; n < 40; n += 1) await bench.run(3_600);
    expect(await bench.states()).toEqual([`bad ${String(deliveryTriesMax)} dead`]);
    await bench.publish('good');
    expect(await bench.run()).toEqual(['good']);
  });

  test('that has a dead letter and waits again is sent once when its dead letter is replayed', async () => {
    const bench = new Bench();
    await bench.webhooks.put(spec);
    const sinceMs = bench.world.nowMs;
    await bench.publish('bad');
    bench.answer = () => ({ status: 500 });
    for (let n = 0; n < 40; n += 1) await bench.run(3_600);
    await bench.webhooks.replay('t', 'ci', { kind: 'since', sinceMs });
    for (let n = 0; n < 12; n += 1) await bench.run(60);
    expect((await bench.states()).map((one) => one.split(' ').at(-1))).toEqual(['waits', 'dead']);
    expect(await bench.webhooks.replay('t', 'ci', { kind: 'dead-letters' })).toMatchObject({ replayed: 1 });
    bench.answer = () => ({ status: 200 });
    expect(await bench.run(1)).toEqual(['bad']);
    expect(await bench.states()).toEqual([]);
  });

  test('everything since a time is delivered again', async () => {
    const bench = new Bench();
    await bench.webhooks.put(spec);
    await bench.publish('a');
    const sinceMs = bench.world.nowMs;
    await bench.publish('b');
    expect(await bench.run()).toEqual(['a', 'b']);
    await bench.webhooks.replay('t', 'ci', { kind: 'since', sinceMs });
    expect(await bench.run()).toEqual(['b']);
  });

  test.each(['1960', '2999', '9999'])('a replay since %s leaves nothing out that comes', async (year) => {
    const bench = new Bench();
    await bench.webhooks.put(spec);
    await bench.webhooks.replay('t', 'ci', { kind: 'since', sinceMs: Date.parse(`${year}-01-01T00:00:00Z`) });
    await bench.publish('a');
    expect(await bench.run()).toEqual(['a']);
  });
});

describe('what the log keeps no longer', () => {
  const days = 24 * 3_600_000;

  test('is said to be lost, as far as an endpoint that failed could not be sent it, until a replay', async () => {
    const bench = new Bench();
    await bench.webhooks.put(spec);
    const fromMs = bench.world.nowMs;
    bench.answer = () => ({ status: 500 });
    for (let n = 0; n <= waitingMax; n += 1) await bench.publish(`r${String(n)}`);
    for (let n = 0; n < 40; n += 1) await bench.run(300);
    expect((await bench.webhooks.get('t', 'ci'))?.state.missed).toBeUndefined();
    await bench.run(8 * 24 * 3_600);
    const state = (await bench.webhooks.get('t', 'ci'))?.state;
    expect(state?.missed?.untilMs).toBe(bench.world.nowMs - 7 * days);
    expect(state?.missed?.fromMs).toBeGreaterThanOrEqual(fromMs);
    expect(state?.missed?.fromMs).toBeLessThan(fromMs + days);
    expect(bench.said).toEqual([missedMessage]);
    await bench.run(600);
    expect(bench.said).toEqual([missedMessage]);
    await bench.webhooks.replay('t', 'ci', { kind: 'since', sinceMs: 0 });
    expect((await bench.webhooks.get('t', 'ci'))?.state.missed).toBeUndefined();
  });

  test('is nothing where nothing happened for long', async () => {
    const bench = new Bench();
    await bench.webhooks.put(spec);
    await bench.publish('a');
    await bench.run();
    for (let day = 0; day < 9; day += 1) await bench.run(24 * 3_600);
    await bench.publish('b');
    expect(await bench.run()).toEqual(['b']);
    expect((await bench.webhooks.get('t', 'ci'))?.state.missed).toBeUndefined();
  });

  test('is not where a replay begins: what it says comes, though the run is a while later', async () => {
    const bench = new Bench();
    await bench.webhooks.put(spec);
    await bench.publish('gone');
    bench.world.nowMs += 50_000;
    await bench.publish('border');
    bench.world.nowMs += 120_000;
    await bench.publish('kept');
    await bench.run();
    bench.world.nowMs = bench.world.nowMs - 150_000 + 7 * days;
    const answer = await bench.webhooks.replay('t', 'ci', { kind: 'since', sinceMs: bench.world.nowMs - 7 * days });
    expect(answer?.sinceMs).toBe(bench.world.nowMs - 7 * days + 60_000);
    expect(await bench.run(50)).toEqual(['kept']);
    expect((await bench.webhooks.get('t', 'ci'))?.state.missed).toBeUndefined();
  });
});

describe('a state that cannot be read', () => {
  test.each<[string, object]>([
    ['position', { position: 'nowhere' }],
    ['field', { delivered: -1 }],
  ])('of a wrong %s is shown, sent nothing, and mended by a replay', async (_what, wrong) => {
    const bench = new Bench();
    const { record } = await bench.webhooks.put(spec);
    await bench.publish('a');
    await bench.run();
    const { store, random } = bench.world.ports;
    const key = keys.webhookState(record.id);
    const item = await store.get<object>(key);
    const broken = { ...key, data: { ...item?.data, ...wrong }, index: {}, expiresAtMs: null };
    await store.put({ item: broken, condition: item?.version ?? 'absent', writeId: random.id() });
    const sinceMs = bench.world.nowMs;
    await bench.publish('b');
    expect(await bench.run()).toEqual([]);
    expect((await bench.webhooks.get('t', 'ci'))?.state.quarantine).toContain('this state of a webhook cannot be read');
    await bench.webhooks.put(spec);
    await bench.webhooks.replay('t', 'ci', { kind: 'dead-letters' });
    expect((await bench.webhooks.get('t', 'ci'))?.state.quarantine).toBeDefined();
    await bench.webhooks.replay('t', 'ci', { kind: 'since', sinceMs });
    expect(await bench.run()).toEqual(['b']);
    expect((await bench.webhooks.get('t', 'ci'))?.state.quarantine).toBeUndefined();
  });
});

test('what waits is read once a turn', async () => {
  const bench = new Bench();
  const { record } = await bench.webhooks.put(spec);
  bench.answer = () => ({ status: 500 });
  await bench.publish('a');
  await bench.run();
  const { store } = bench.ports;
  let reads = 0;
  const query = store.query.bind(store);
  store.query = (options) => {
    if (options.pk === keys.webhookWaitings(record.id)) reads += 1;
    return query(options);
  };
  expect(await bench.run(5)).toEqual(['a']);
  expect(reads).toBe(1);
});

describe('a process that stops in the middle', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('at its write %i loses no event', async (failing) => {
    const bench = new Bench();
    await bench.webhooks.put(spec);
    await bench.publish('a', 'b', 'c');
    bench.answer = (body) => ({ status: body === 'b' ? 500 : 200 });
    const { store } = bench.world.ports;
    const put = store.put.bind(store);
    let writes = 0;
    store.put = async (write) => {
      writes += 1;
      if (writes >= failing) throw new Error('the process was killed');
      return put(write);
    };
    const seen = new Set(await bench.run());
    store.put = put;
    bench.answer = () => ({ status: 200 });
    for (let n = 0; n < 10; n += 1) for (const body of await bench.run(30)) seen.add(body);
    expect([...seen].sort()).toEqual(['a', 'b', 'c']);
    expect(await bench.states()).toEqual([]);
  });

  test('while one delivers nobody else does; its lease ends when it is gone', async () => {
    const bench = new Bench();
    const { record } = await bench.webhooks.put(spec);
    await bench.publish('a');
    const key = keys.webhookState(record.id);
    const state = await bench.world.ports.store.get<object>(key);
    const data = { ...state?.data, leaseEndsAtMs: bench.world.nowMs + 60_000 };
    await bench.world.ports.store.put({ item: { ...key, data }, condition: state?.version ?? 'absent', writeId: 'w' });
    expect(await bench.run(59)).toEqual([]);
    expect(await bench.run(2)).toEqual(['a']);
  });
});

describe('many webhooks', () => {
  /** The clock goes on with each call. */
  async function benchOf(count: number, callMs: number): Promise<Bench> {
    const bench = new Bench();
    for (let n = 0; n < count; n += 1)
      await bench.webhooks.put({
        tenant: `t${String(Math.floor(n / 10))}`,
        name: `n${String(n % 10)}`,
        ...endpoint(n),
      });
    bench.answer = () => {
      bench.world.nowMs += callMs;
      return { status: 204 };
    };
    return bench;
  }
  const endpoint = (n: number) => ({ url: `https://example.com/${String(n)}`, filter: {} });

  test('a slow endpoint with a backlog delays the 33rd webhook by a turn, not by a run', async () => {
    const bench = await benchOf(40, 9_000);
    bench.world.ports.random.next = () => 0;
    await bench.sink.publish([
      ...Array.from({ length: 30 }, (_, n) => ({ ...ended(`r${String(n)}`), tenant: 't0' }) as BellowsEvent),
      { ...ended('of the last'), tenant: 't3' } as BellowsEvent,
    ]);
    bench.world.nowMs += settings.eventsSettleMs + 1;
    await bench.deliver(bench.world.nowMs + 3_600_000);
    const served = bench.calls.map(({ url }) => url);
    expect(served).toContain('https://example.com/39');
    expect(served.indexOf('https://example.com/39')).toBeLessThan(served.lastIndexOf('https://example.com/0'));
  });

  test('begin at another one where there was no time for all', async () => {
    const bench = await benchOf(40, 60_000);
    const begins = async (chance: number): Promise<string | undefined> => {
      const event = ended(`x${String(chance)}`);
      await bench.sink.publish(['t0', 't2'].map((tenant) => ({ ...event, tenant }) as BellowsEvent));
      bench.world.nowMs += settings.eventsSettleMs + 1;
      bench.calls.length = 0;
      bench.world.ports.random.next = () => chance;
      await bench.deliver(bench.world.nowMs + 1);
      return bench.calls[0]?.url;
    };
    expect([await begins(0), await begins(0.5)]).toEqual(['https://example.com/0', 'https://example.com/20']);
  });
});

test('a run that ends too early says that it is not done, and so does one with news of a moment ago', async () => {
  const bench = new Bench();
  await bench.webhooks.put(spec);
  expect(await bench.deliver()).toEqual({ delivered: 0, isDone: true });
  await bench.publish('a', 'b');
  expect(await bench.deliver(0)).toEqual({ delivered: 0, isDone: false });
  await bench.sink.publish([ended('c')]);
  expect(await bench.deliver()).toEqual({ delivered: 2, isDone: false });
  bench.world.nowMs += settings.eventsSettleMs + 1;
  expect(await bench.deliver()).toEqual({ delivered: 1, isDone: true });
});

test('nothing is written for a webhook that has nothing to be sent', async () => {
  const bench = new Bench();
  await bench.webhooks.put({ ...spec, filter: { pool: 'other' } });
  await bench.publish('a');
  bench.world.changes.length = 0;
  for (let n = 0; n < 10; n += 1) await bench.run(1);
  expect(bench.world.changes).toEqual([]);
  await bench.run(7_200);
  await bench.publish('b');
  await bench.run();
  expect(bench.world.changes.filter(({ after }) => after?.pk.startsWith('WEBHOOK'))).not.toEqual([]);
});
