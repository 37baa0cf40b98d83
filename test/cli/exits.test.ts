// Each exit code, with the message that goes with it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { CliBench } from './bench.ts';

const bench = CliBench.forTests();

describe('exits', () => {
  test('2 for what is not understood, with a hint', async () => {
    for (const args of [
      ['nope'],
      ['run'],
      ['show'],
      ['requests', '--colour'],
      ['run', '--memory', '2x', '--', 'a'],
      ['run', '--vcpu', 'many', '--', 'a'],
      ['run', '--env', 'A', '--', 'a'],
      ['pools', '--server', 'nonsense'],
      [],
    ]) {
      const ran = await bench.run(args);
      expect([args, ran.exit, ran.out]).toEqual([args, 2, '']);
      expect(ran.err).not.toBe('');
    }
  });

  test('2 for a key that no header can carry, in every command that takes one; nothing is sent', async () => {
    const before = bench.fake.submissions.length;
    for (const key of ['k\n1', '', 'ä', 'x'.repeat(256), ' k', '\u0000']) {
      for (const args of [
        ['run', '--key', key, '--', 'true'],
        [
          'submit',
          '--key',
          key,
          '-f',
          bench.file('one.yaml', 'type: task\ncommand: ["true"]\nresources: {vcpu: 1, memoryMib: 128}\n'),
        ],
        ['volume', 'create', '--size', '1', '--key', key],
      ]) {
        const ran = await bench.run(args);
        expect([key, ran.exit, ran.err]).toEqual([key, 2, expect.stringContaining('--key')]);
      }
    }
    expect(bench.fake.submissions.length).toBe(before);
  });

  test('5 for a cancel of what has ended by itself', async () => {
    expect((await bench.run(['run', '--', 'true'])).exit).toBe(0);
    const id = [...bench.fake.requests.keys()].at(-1) ?? '';
    bench.fake.end(id, 0);
    expect(await bench.run(['cancel', id])).toMatchObject({
      exit: 5,
      out: `${id} has ended as succeeded; there is nothing to cancel\n`,
    });
    expect((await bench.run(['cancel', id, '--json'])).exit).toBe(5);
  });

  test('2 for a name that no pool can have, and for YAML that is none, with the place', async () => {
    for (const args of [
      ['-f', bench.file('name.yaml', 'name: My_Pool\n')],
      ['My_Pool', '-f', bench.file('none.yaml', 'priority: 1\n')],
    ]) {
      expect(await bench.run(['pool', 'apply', ...args])).toMatchObject({
        exit: 2,
        err: expect.stringMatching(
          /the name "My_Pool" in .* is no name of a pool: it must be 1 to 63 lower-case letters, digits and inner hyph/,
        ) as unknown,
      });
    }
    const { exit, err } = await bench.run([
      'pool',
      'apply',
      '-f',
      bench.file('tab.yaml', 'name: a\nlimits:\n\tinstances: 1\n'),
    ]);
    expect([exit, err]).toEqual([
      2,
      expect.stringMatching(
        /tab\.yaml line 3, column 1: Tabs are not allowed as indentation\n {2}limits:\n {2}\tinstances: 1\n/,
      ),
    ]);
  });

  test('0 for help', async () => {
    const ran = await bench.run(['--help']);
    expect([ran.exit, ran.err]).toEqual([0, '']);
    expect(ran.out).toContain('Exits: 0 ok');
  });

  test('3 when no server answers, with what to do', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => {
      free.listen(0, '127.0.0.1', resolve);
    });
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => {
      free.close(resolve);
    });
    const ran = await bench.run(['requests'], { url: `http://127.0.0.1:${String(port)}` });
    expect([ran.exit, ran.out]).toEqual([3, '']);
    expect(ran.err).toMatch(/^bellows: no server answers at .*ECONNREFUSED.*\n {2}start one with `npm start`/);
  });

  test('3 when what answers is no Bellows', async () => {
    const other = createServer((_request, response) => {
      response.statusCode = 502;
      response.end('<html>');
    });
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    const ran = await bench.run(['requests'], {
      url: `http://127.0.0.1:${String((other.address() as AddressInfo).port)}`,
    });
    await new Promise((resolve) => {
      other.close(resolve);
    });
    expect([ran.exit, ran.err]).toEqual([3, expect.stringContaining('probably not a Bellows server')]);
  });

  test('4 when the server refuses, with its words', async () => {
    const ran = await bench.run(['show', 'nope']);
    expect([ran.exit, ran.err]).toEqual([
      4,
      'bellows: not_found (404): there is no request nope; ids are those that POST /v1/requests answered\n',
    ]);
    const many = await bench.run(['run', '--count', '0', '--retries', '-1', '--', 'a']);
    expect([many.exit, many.err]).toEqual([
      4,
      'bellows: invalid_request (400): the body: count must be at least 1 (and 1 more)\n  also: retries '
        + 'must be at least 0\n',
    ]);
  });
});

test('a back-test gets what follows its name as it is, and exits as it does', async () => {
  const args = ['--trace', 'day.csv', '--pool', 'a.yaml', '--pool', 'b.yaml', '--from', '2h', '--json'];
  expect(await bench.run(['backtest', ...args])).toMatchObject({ exit: 1, out: `backtest ${args.join(' ')}` });
  expect(await bench.run(['backtest', '--help'])).toMatchObject({ exit: 1, out: 'backtest --help' });
  expect(await bench.run(['trace', 'generate', '--days', '2'])).toMatchObject({ out: 'trace generate --days 2' });
});

test('audit runs the audit of the local state and exits as it does', async () => {
  expect(await bench.run(['audit', '--json'])).toMatchObject({ exit: 1, out: '--json' });
});
