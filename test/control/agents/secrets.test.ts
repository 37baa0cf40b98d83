// Which attempt may be given which secrets, and that nothing of a value is needed to decide it.
import { expect, test } from '@jest/globals';
import type { SecretGrant, SecretRef } from '../../../lib/core/access/secrets.ts';
import { SecretRefusedError } from '../../../lib/control/errors.ts';
import { poolSpec, submission, World } from '../world.ts';

const secrets: readonly SecretRef[] = [{ name: 'KEY', from: 'ssm:/shop/key', as: 'env' }];

async function worldWith(grants: readonly SecretGrant[]): Promise<World> {
  const world = new World();
  await world.control.putPool({ ...poolSpec, secrets: grants });
  return world;
}

function withSecrets(world: World): ReturnType<World['control']['submit']> {
  const given = submission();
  if (given.spec.type !== 'task') throw new Error('the world submits tasks');
  return world.control.submit({ ...given, spec: { ...given.spec, secrets } });
}

test.each<[string, readonly SecretGrant[]]>([
  ['no grant', []],
  ['a grant of another secret', [{ from: 'ssm:/shop/other' }]],
  ['a grant for another tenant', [{ from: 'ssm:/shop/*', tenants: ['other'] }]],
])('with %s it is refused, and told how it is allowed', async (_, grants) => {
  const refused = withSecrets(await worldWith(grants));
  await expect(refused).rejects.toThrow(SecretRefusedError);
  await expect(refused).rejects.toThrow('KEY (ssm:/shop/key); an operator allows it with a grant');
});

test('only the node that carries the attempt is told which, and only while the pool allows it', async () => {
  const world = await worldWith([{ from: 'ssm:/shop/*', tenants: ['default'] }]);
  const { request } = await withSecrets(world);
  world.ending = () => null;
  await world.run(10);
  const node = world.cloud.instances()[0]?.id ?? '';
  const attempt = `${request.id}.0.1`;
  expect(await world.control.secretsOfAttempt(node, attempt)).toEqual(secrets);
  expect(await world.control.secretsOfAttempt('i-0', attempt)).toBeNull();
  expect(await world.control.secretsOfAttempt(node, `${request.id}.0.2`)).toBeNull();
  await world.control.putPool({ ...poolSpec, secrets: [] });
  await expect(world.control.secretsOfAttempt(node, attempt)).rejects.toThrow(SecretRefusedError);
  await world.control.cancel('default', request.id);
  await world.run(10);
  expect(await world.control.secretsOfAttempt(node, attempt)).toBeNull();
});

test('what its image is fetched with is told that node alone, while the pool allows it', async () => {
  const from = 'ssm:/shop/registry';
  const world = await worldWith([{ from }]);
  const run = { kind: 'container', image: 'registry.test/shop:1', argv: null } as const;
  const { request } = await world.control.submit(submission({ run, imageCredentials: { secret: from } }));
  const plain = await world.control.submit(submission({ run }));
  world.ending = () => null;
  await world.run(10);
  const nodes = (await world.control.listNodes(poolSpec.name)) ?? [];
  const nodeOf = (id: string): string =>
    nodes.find((one) => one.assigned.some((assigned) => assigned.requestId === id))?.id ?? '';
  const [node, attempt] = [nodeOf(request.id), `${request.id}.0.1`];
  expect(await world.control.imageOfAttempt(node, attempt)).toEqual({ kind: 'secret', image: run.image, from });
  expect(await world.control.imageOfAttempt('i-0', attempt)).toBeNull();
  expect(await world.control.imageOfAttempt(nodeOf(plain.request.id), `${plain.request.id}.0.1`)).toBeNull();
  await world.control.putPool({ ...poolSpec, secrets: [] });
  await expect(world.control.imageOfAttempt(node, attempt)).rejects.toThrow(SecretRefusedError);
  await expect(
    world.control.submit(submission({ run, imageCredentials: { secret: 'ssm:/shop/other' } })),
  ).rejects.toThrow('imageCredentials (ssm:/shop/other)');
});
