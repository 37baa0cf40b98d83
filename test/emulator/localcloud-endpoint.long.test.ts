// `npm run localcloud -- --endpoint URL`: a local AWS that somebody else started gets the stack, runs a task through
// it, and is left as it was; the compose file that starts one in containers is at least what compose reads.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';
import { LocalCloud, StackLeftError } from '../../lib/local/localcloud/localcloud.ts';
import { LocalAws } from '../../lib/local/localcloud/aws.ts';
import { zipOf } from '../../lib/local/localcloud/zip.ts';
import { startMinistack, version } from './ministack.ts';
import type { Ministack } from './ministack.ts';
import { hangMs } from '../hang.ts';

const started = await startMinistack({ LAMBDA_ACCOUNT_CONCURRENCY: '100' });
const accountId = '100000000078';

if ('reason' in started) {
  describe('another local AWS', () => {
    test.skip(`skipped: ${started.reason}`, () => {});
  });
} else {
  const { ministack }: { readonly ministack: Ministack } = started;
  afterAll(() => ministack.stop());

  describe('another local AWS', () => {
    const start = (): Promise<LocalCloud> =>
      LocalCloud.start({
        endpoint: ministack.endpoint,
        props: { installation: 'elsewhere', pools: [{ name: 'default' }], drainQuietSeconds: 2 },
        port: 0,
        accountId,
        log: { write: () => undefined },
      });
    let cloud: LocalCloud;
    beforeAll(async () => {
      cloud = await start();
    });

    test('a task goes through it and its simulated EC2, and the removal leaves nothing', async () => {
      const call = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
        const response = await fetch(`${cloud.url}${path}`, {
          method,
          headers: { 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return (await response.json()) as Record<string, unknown>;
      };
      const { id } = await call('POST', '/v1/requests', {
        type: 'task',
        resources: { vcpu: 1, memoryMib: 256 },
        command: ['sh', '-c', 'echo elsewhere'],
      });
      let state = '';
      for (
        const untilMs = performance.now() + hangMs;
        performance.now() < untilMs && state !== 'succeeded' && state !== 'failed';
        await delay(200)
      )
        state = String((await call('GET', `/v1/requests/${String(id)}`))['state']);
      expect(state).toBe('succeeded');
      expect((await call('GET', `/v1/requests/${String(id)}/output`))['stdout']).toBe('elsewhere\n');
      await expect(start()).rejects.toThrow(StackLeftError);

      await cloud.remove();
      expect(cloud.world.cloud.instances().filter((one) => one.state === 'pending' || one.state === 'running')).toEqual(
        [],
      );
      await cloud.stop();
      // It is somebody else's: it goes on, without the stack.
      const aws = new LocalAws({ endpoint: ministack.endpoint, accountId, region: 'us-east-1' });
      expect(
        await aws.query('cloudformation', '2010-05-15', 'ListStacks', {
          'StackStatusFilter.member.1': 'CREATE_COMPLETE',
        }),
      ).not.toContain('<StackName>Bellows</StackName>');
      expect((await aws.json('dynamodb', 'DynamoDB_20120810.ListTables', {}, '1.0'))['TableNames']).toEqual([]);
    });
  });
}

describe('compose.yaml', () => {
  const text = readFileSync(new URL('../../compose.yaml', import.meta.url), 'utf8');
  const environment = z.record(z.string(), z.string());
  /** Of the compose specification, what this file uses; an unknown key is a mistake. */
  const service = z.strictObject({
    profiles: z.array(z.string()),
    image: z.string().optional(),
    build: z.strictObject({ dockerfile_inline: z.string() }).optional(),
    ports: z.array(z.string()),
    environment,
    extra_hosts: z.array(z.string().regex(/^[\w.-]+:[\w.-]+$/)),
    volumes: z.array(z.string()).optional(),
    healthcheck: z.strictObject({
      test: z.tuple([z.literal('CMD')], z.string()),
      interval: z.string().regex(/^\d+s$/),
      timeout: z.string().regex(/^\d+s$/),
      retries: z.int(),
    }),
  });
  const { services } = z.strictObject({ services: z.record(z.string(), service) }).parse(parse(text));

  test('has a free local AWS, and LocalStack; each is reached from this machine only, and reaches it', () => {
    expect(Object.keys(services)).toEqual(['ministack', 'localstack']);
    for (const one of Object.values(services)) {
      expect(one.ports).toEqual(['127.0.0.1:4566:4566']);
      expect(one.extra_hosts).toEqual(['host.docker.internal:host-gateway']);
      expect([one.image, one.build].filter((what) => what !== undefined)).toHaveLength(1);
    }
  });

  test('its versions are pinned, to those that are used without docker', () => {
    const { devDependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    const dockerfile = services['ministack']?.build?.dockerfile_inline ?? '';
    expect(dockerfile).toContain(`FROM node:${devDependencies['node'] ?? ''}-`);
    expect(dockerfile).toContain(`ministack==${version}`);
    expect(services['localstack']?.image).toMatch(/:\d+\.\d+\.\d+$/);
  });
});

test('a zip of a folder is read by others, byte for byte', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bellows-zip-'));
  try {
    mkdirSync(join(folder, 'in', 'deep'), { recursive: true });
    writeFileSync(join(folder, 'in', 'index.mjs'), 'export const a = 1;\n'.repeat(5_000));
    writeFileSync(join(folder, 'in', 'deep', 'é.bin'), Buffer.from([0, 255, 10, 13]));
    writeFileSync(join(folder, 'in', 'empty'), '');
    writeFileSync(join(folder, 'out.zip'), zipOf(join(folder, 'in')));
    // Python's is another implementation; MiniStack needs it anyway.
    const program =
      'import json,sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(json.dumps({n: '
      + 'len(z.read(n)) for n in z.namelist()}))';
    expect(JSON.parse(execFileSync('python3', ['-c', program, join(folder, 'out.zip')], { encoding: 'utf8' }))).toEqual(
      { 'deep/é.bin': 4, empty: 0, 'index.mjs': 100_000 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
