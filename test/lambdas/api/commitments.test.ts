// What an account has committed itself to, as operators and tenants see it of a pool.
import { expect, test } from '@jest/globals';
import { createApiHandler } from '../../../lambdas/api/handler.ts';
import type { Caller } from '../../../lib/ports/access/identity.ts';
import { RecordingLog, call, noFiles } from '../calls.ts';
import { FakeUseCases, caller, localIdentity } from '../fake-use-cases.ts';

test('commitments of a pool are shown to operators only, its prices to all', async () => {
  const useCases = new FakeUseCases();
  const apiOf = (isOperator: boolean) => {
    const identity = async (): Promise<Caller> => ({ ...caller('tenant-a', ['read']), isOperator });
    return createApiHandler({ ...noFiles, useCases, identity, log: new RecordingLog() });
  };
  const local = createApiHandler({ ...noFiles, useCases, identity: localIdentity, log: new RecordingLog() });
  const commitments = [{ kind: 'reserved-instances', name: 'ri', instanceType: 'm7i.large', count: 1 }];
  const put = await call(local, 'PUT', '/v1/pools/paid', {
    prices: [{ instanceType: 'm7i.large', usdPerHour: 1 }],
    commitments,
  });
  expect(put.status).toBe(200);
  const pool = async (isOperator: boolean): Promise<unknown> =>
    (await call(apiOf(isOperator), 'GET', '/v1/pools/paid')).body;
  const listed = async (isOperator: boolean): Promise<unknown> => {
    const { body } = await call(apiOf(isOperator), 'GET', '/v1/pools');
    return (body as { items: { name: string }[] }).items.find(({ name }) => name === 'paid');
  };
  for (const shown of [await pool(true), await listed(true)])
    expect(shown).toMatchObject({ commitments: [{ name: 'ri' }], prices: [{ usdPerHour: 1 }] });
  for (const shown of [await pool(false), await listed(false)]) {
    expect(shown).toMatchObject({ prices: [{ usdPerHour: 1 }] });
    expect(Object.keys(shown as object)).not.toEqual(expect.arrayContaining(['commitments']));
    expect(Object.keys(shown as object)).not.toEqual(expect.arrayContaining(['commitmentUse']));
  }
});
