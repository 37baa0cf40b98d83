// `run` and `submit`: what is sent, what is waited for, and what is printed.
import { ThrottledError } from '../../../lib/ports/store.ts';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { nowMs } from '../../lambdas/fake-use-cases.ts';
import { CliBench } from '../bench.ts';

const bench = CliBench.forTests();

describe('run', () => {
  test('prints the id alone on stdout, and sends what its options say', async () => {
    const ran = await bench.run([
      'run',
      '--vcpu',
      '1.5',
      '--memory',
      '2Gi',
      '--env',
      'A=b=c',
      '--env',
      'B=',
      '--arch',
      'arm64',
      '--count',
      '3',
      '--timeout',
      '9',
      '--',
      'echo',
      '-n',
      '--json',
    ]);
    expect([ran.exit, ran.out]).toEqual([0, 'r1\n']);
    expect(bench.fake.submissions[0]).toMatchObject({
      idempotencyKey: 'key-0',
      spec: {
        run: { kind: 'command', argv: ['echo', '-n', '--json'] },
        resources: { cpuMilli: 1500, memoryMib: 2048, gpu: 0 },
        env: { A: 'b=c', B: '' },
        count: 3,
        timeoutMs: 9000,
        requirements: { arch: ['arm64'] },
      },
    });
  });

  test('options after the program are the program’s', async () => {
    await bench.run(['run', 'grep', '--count', 'x']);
    expect(bench.fake.submissions[0]?.spec).toMatchObject({ count: 1, run: { argv: ['grep', '--count', 'x'] } });
  });

  test('--wait shows progress on stderr, then the output, and exits as the task did', async () => {
    const ran = await bench.run(['run', '--wait', '--', 'sh', '-c', 'exit 7'], {
      onSleep: (turn) => {
        if (turn === 1) bench.fake.end('r1', 7, { stdout: 'out\n', stderr: 'oops\n' });
      },
    });
    expect([ran.exit, ran.out]).toEqual([7, 'out\n']);
    expect(ran.err).toBe('r1 pending: recorded; waits for the next tick\nr1 failed\noops\n');
  });

  test(
    'what the timeline says of the end, read a moment after the request, is not said ' + 'of one that is pending',
    async () => {
      const end = { atMs: nowMs, stage: 'ended', code: 'succeeded', message: 'exit code 0' };
      const ran = await bench.run(['run', '--wait', '--', 'true'], {
        onSleep: (turn) => {
          if (turn === 0)
            bench.fake.change('r1', { timeline: [...(bench.fake.requests.get('r1')?.timeline ?? []), end] });
          if (turn === 1) bench.fake.end('r1', 0);
        },
      });
      expect([ran.exit, ran.err]).toEqual([0, 'r1 pending: recorded; waits for the next tick\nr1 succeeded\n']);
    },
  );

  test('--wait of an array exits 1 if any task failed', async () => {
    const ran = await bench.run(['run', '--wait', '--count', '2', '--', 'false'], {
      onSleep: () => {
        bench.fake.end('r1', 1, { stdout: 'first ', stderr: '' });
      },
    });
    expect([ran.exit, ran.out]).toEqual([1, 'first ']);
    const good = await bench.run(['run', '--wait', '--count', '2', '--', 'true'], {
      onSleep: () => {
        bench.fake.end('r2', 0);
      },
    });
    expect(good.exit).toBe(0);
  });

  test('--wait --json prints the ended request alone', async () => {
    const ran = await bench.run(['--json', 'run', '--wait', '--', 'true'], {
      onSleep: () => {
        bench.fake.end('r1', 0, { stdout: 'noise', stderr: '' });
      },
    });
    expect(JSON.parse(ran.out)).toMatchObject({ id: 'r1', state: 'succeeded', exitCode: 0 });
  });

  test('--wait waits for a server that comes back', async () => {
    const { port } = bench.server;
    const ran = await bench.run(['run', '--wait', '--', 'true'], {
      onSleep: async (turn) => {
        if (turn === 0) await bench.stop();
        if (turn !== 2) return;
        await bench.start(port);
        bench.fake.end('r1', 0, { stdout: 'back\n', stderr: '' });
      },
    });
    expect([ran.exit, ran.out]).toEqual([0, 'back\n']);
    expect(ran.err).toContain('trying again');
  });

  test('--wait waits for a server that is not ready for a moment, also when it shows the output', async () => {
    const ran = await bench.run(['run', '--wait', '--', 'true'], {
      onSleep: (turn) => {
        if (turn === 0) bench.fake.nextError = new ThrottledError();
        if (turn === 1) bench.fake.end('r1', 7, { stdout: 'back\n', stderr: '' });
      },
    });
    expect([ran.exit, ran.out]).toEqual([7, 'back\n']);
    expect(ran.err).toContain('trying again');
  });

  test('a cancelled task is a failure', async () => {
    const ran = await bench.run(['run', '--wait', '--', 'true'], {
      onSleep: async () => {
        await bench.fake.cancel('tenant-a', 'r1');
      },
    });
    expect(ran.exit).toBe(1);
  });
});

describe('submit', () => {
  const task = 'type: task\nresources: {vcpu: 1, memoryMib: 64}\nshell: "true"\n';

  test('one request, in YAML', async () => {
    const ran = await bench.run(['submit', '-f', bench.file('one.yaml', `${task}idempotencyKey: mine\n`)]);
    expect([ran.exit, ran.out, bench.fake.submissions[0]?.idempotencyKey]).toEqual([0, 'r1\n', 'mine']);
  });

  test('many, as a list, as documents, as lines or under requests, in one order', async () => {
    const json = (shell: string): string =>
      JSON.stringify({ type: 'task', resources: { vcpu: 1, memoryMib: 64 }, shell });
    for (const [name, text] of [
      ['list.json', `[${json('a')},${json('b')}]`],
      ['lines.jsonl', `${json('a')}\n\n${json('b')}\n`],
      ['documents.yaml', `${task.replace('"true"', 'a')}---\n${task.replace('"true"', 'b')}`],
      ['batch.json', `{"requests":[${json('a')},${json('b')}]}`],
    ] as const) {
      bench.fake.submissions.length = 0;
      const ran = await bench.run(['submit', '-f', bench.file(name, text)]);
      expect([name, ran.exit, ran.err]).toEqual([name, 0, '']);
      expect(bench.fake.submissions.map((one) => one.spec)).toMatchObject([
        { run: { kind: 'shell', script: 'a' } },
        { run: { kind: 'shell', script: 'b' } },
      ]);
    }
  });

  test('more than a batch holds goes in several', async () => {
    const lines = Array.from({ length: 1001 }, () =>
      JSON.stringify({ type: 'task', resources: { vcpu: 1, memoryMib: 64 }, shell: 'x' }),
    ).join('\n');
    const ran = await bench.run(['submit', '--json', '-f', bench.file('many.jsonl', lines)]);
    expect((JSON.parse(ran.out) as { results: unknown[] }).results).toHaveLength(1001);
    expect(new Set(bench.fake.submissions.map((one) => one.idempotencyKey)).size).toBe(1001);
  });

  test('a batch whose answer is lost is sent again behind others; else its key is named', async () => {
    const { port } = bench.server;
    const line = JSON.stringify({ type: 'task', resources: { vcpu: 1, memoryMib: 64 }, shell: 'x' });
    const file = bench.file('many.jsonl', Array.from({ length: 1001 }, () => line).join('\n'));
    const submitBatch = bench.fake.submitBatch.bind(bench.fake);
    bench.fake.submitBatch = async (submissions) => {
      const results = await submitBatch(submissions);
      // Its answer is lost.
      if (submissions.length === 1 && bench.fake.submissions.length === 1001) await bench.stop();
      return results;
    };
    const ran = await bench.run(['submit', '--json', '-f', file], { onSleep: () => bench.start(port) });
    expect([ran.exit, (JSON.parse(ran.out) as { results: unknown[] }).results.length]).toEqual([0, 1001]);
    expect(bench.fake.requests.size).toBe(1001);
    await bench.stop();
    const lost = await bench.run(['submit', '-f', file, '--key', 'mine'], { url: `http://127.0.0.1:${String(port)}` });
    expect([lost.exit, lost.err]).toEqual([3, expect.stringContaining('--key mine')]);
  });

  test('what is refused is named with its place, and the exit is 4', async () => {
    const ran = await bench.run([
      'submit',
      '-f',
      bench.file('half.yaml', `- {type: task, resources: {vcpu: 1, memoryMib: 64}, shell: a}\n- {type: task}\n`),
    ]);
    expect([ran.exit, ran.out]).toEqual([4, 'r1\n']);
    expect(ran.err).toMatch(/half\.yaml item 2: .*resources is required.*\n1 request of 2 refused/);
  });

  test.each([
    ['missing.yaml', null],
    ['bad.yaml', 'a: [\n'],
    ['bad.jsonl', '{"a":\n'],
    ['x.toml', ''],
    ['empty.jsonl', ''],
    ['x.csv', 'id,vcpu,memory_mib,gpu\na,1,1,0\n'],
  ])('%s is a usage error', async (name, text) => {
    const path = text === null ? join(bench.folder, name) : bench.file(name, text);
    const ran = await bench.run(['submit', '-f', path]);
    expect([ran.exit, ran.out, bench.fake.submissions.length]).toEqual([2, '', 0]);
    expect(ran.err).toContain(name);
  });
});
