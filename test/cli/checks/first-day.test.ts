// The first day as a script: whatever happens, what it made is removed, and each step says what was seen of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ApiClient } from '../../../lib/local/server/api-client.ts';
import { playDay, StoppedError } from '../../../scripts/conformance/first-day/day.ts';
import type { FirstDay } from '../../../scripts/conformance/first-day/day.ts';
import { FaultInjection } from '../../../scripts/conformance/first-day/fis.ts';
import { NotHereError } from '../../../scripts/conformance/first-day/place.ts';
import type { Place } from '../../../scripts/conformance/first-day/place.ts';
import { planText, steps, usdAtMost } from '../../../scripts/conformance/first-day/plan.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-first-day-test-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function placeWith(more: Partial<Place>): { readonly place: Place; readonly removed: () => number } {
  let removals = 0;
  const place: Place = {
    name: 'nowhere',
    before: async () => null,
    preflight: async () => 'nothing would fail',
    doctor: async () => 'all is well',
    deploy: async () => {
      throw new Error('ROLLBACK_COMPLETE: no permission');
    },
    interrupt: async () => 'nothing',
    remove: async () => {
      removals += 1;
    },
    left: async () => [],
    ...more,
  };
  return { place, removed: () => removals };
}

const play = (place: Place, goOn: () => void = () => undefined, untilMs = Infinity): Promise<FirstDay> =>
  playDay(place, {
    pool: 'default',
    untilMs,
    interruptedSeconds: 1,
    acceptedFile: join(folder, 'accepted'),
    goOn,
    say: () => undefined,
    pollMs: 1,
  });
const verdicts = ({ seen }: FirstDay): Readonly<Record<string, string>> =>
  Object.fromEntries(seen.map((one) => [one.step, one.verdict]));

describe('the day', () => {
  test('a deployment that fails is different, the rest is not seen, and what was made is removed', async () => {
    const { place, removed } = placeWith({});
    const day = await play(place);
    expect(verdicts(day)).toEqual({
      preflight: 'seen',
      deploy: 'different',
      removal: 'seen',
      shop: 'not seen',
      interruption: 'not seen',
      'scale-in': 'not seen',
      doctor: 'not seen',
    });
    expect(day.seen.find((one) => one.step === 'deploy')?.evidence).toBe('ROLLBACK_COMPLETE: no permission');
    expect(removed()).toBe(1);
  });

  test('one that is interrupted, or whose time is over, begins nothing but the removal', async () => {
    for (const [goOn, untilMs] of [
      [
        () => {
          throw new StoppedError('it was interrupted');
        },
        Infinity,
      ],
      [() => undefined, 0],
    ] as const) {
      const { place, removed } = placeWith({});
      expect(
        Object.entries(verdicts(await play(place, goOn, untilMs))).filter(([, how]) => how !== 'not seen'),
      ).toEqual([['removal', 'seen']]);
      expect(removed()).toBe(1);
    }
  });

  test('what is left is named, and makes the removal different', async () => {
    const day = await play(placeWith({ left: async () => ['instance i-1'] }).place);
    expect(day.left).toEqual(['instance i-1']);
    expect(verdicts(day)['removal']).toBe('different');
  });

  test('calls of the API are signed where a place says so', async () => {
    const signed: string[] = [];
    const server = createServer((request, response) => {
      signed.push(`${request.url ?? ''} ${request.headers.authorization ?? ''}`);
      response.end(JSON.stringify({ items: [], nextCursor: null }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const client = new ApiClient(url, 1_000, async ({ headers, method }) => ({ ...headers, authorization: method }));
    await client.call('listPools');
    expect(signed).toEqual(['/v1/pools GET']);
    await new Promise((resolve) => server.close(resolve));
  });
});

test('the plan has each step with its time and what it needs, and the most that it can cost', () => {
  const text = planText(60);
  for (const { id } of steps) expect(text).toContain(id);
  expect(text).toContain(`at most ${usdAtMost(60).toFixed(2)} USD`);
  expect(usdAtMost(120)).toBeGreaterThan(usdAtMost(60));
});

describe('Fault Injection Service (a stand-in)', () => {
  /** What its REST API and IAM answer; the calls that came, in their order. */
  async function standIn(status: string): Promise<{ fis: FaultInjection; calls: string[]; close: () => void }> {
    const calls: string[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { method = '', url = '' } = request;
        if (url === '/') {
          const action = new URLSearchParams(body).get('Action') ?? '';
          calls.push(action);
          const role = '<Role><Arn>arn:aws:iam::1:role/fis</Arn></Role>';
          response.end(`<${action}Response><${action}Result>${role}</${action}Result></${action}Response>`);
          return;
        }
        const isSigned = request.headers.authorization?.includes('/us-east-1/fis/aws4_request') === true;
        calls.push(`${method} ${url}${isSigned ? '' : ' unsigned'}`);
        if (method === 'POST' && url === '/experimentTemplates') {
          expect(JSON.parse(body)).toMatchObject({
            roleArn: 'arn:aws:iam::1:role/fis',
            targets: { node: { resourceArns: ['arn:aws:ec2:us-east-1:1:instance/i-1'] } },
            actions: { interrupt: { actionId: 'aws:ec2:send-spot-instance-interruptions' } },
          });
          response.end(JSON.stringify({ experimentTemplate: { id: 'EXT1' } }));
        } else
          response.end(JSON.stringify({ experiment: { id: 'EXP1', state: { status, reason: 'no such target' } } }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const options = {
      region: 'us-east-1',
      endpoint,
      credentials: () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x' }),
    };
    const fis = new FaultInjection(options, options);
    const close = (): void => {
      fis.close();
      server.closeAllConnections();
      server.close();
    };
    return { fis, calls, close };
  }
  const removal = ['DeleteRolePolicy', 'DeleteRole'];
  const played = [
    ...removal,
    'CreateRole',
    'PutRolePolicy',
    'POST /experimentTemplates',
    'POST /experiments',
    'GET /experiments/EXP1',
    'DELETE /experimentTemplates/EXT1',
    ...removal,
  ];
  const arn = 'arn:aws:ec2:us-east-1:1:instance/i-1';

  test('one instance is interrupted, and neither template nor role stays', async () => {
    const { fis, calls, close } = await standIn('completed');
    expect(await fis.interrupt(arn)).toContain('EXP1');
    expect(calls).toEqual(played);
    close();
  });

  test('an experiment that fails is not seen, with its reason, and neither template nor role stays', async () => {
    const { fis, calls, close } = await standIn('failed');
    await expect(fis.interrupt(arn)).rejects.toThrow(new NotHereError('experiment EXP1 is failed: no such target'));
    expect(calls).toEqual(played);
    close();
  });
});
