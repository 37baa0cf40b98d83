// Which attempt may have which role, for how long, and that each grant is in the activity of its pool.
import { expect, test } from '@jest/globals';
import type { RoleGrant } from '../../../lib/core/access/roles.ts';
import { RoleRefusedError } from '../../../lib/control/errors.ts';
import type { ServiceWish } from '../../../lib/control/services/use-cases.ts';
import { poolSpec, submission, taskSpec, World } from '../world.ts';

const role = 'arn:aws:iam::123456789012:role/builds';
const service: ServiceWish = {
  ...{ tenant: 'default', name: 'web', pool: null, replicas: 1, template: taskSpec, drainMs: 2_000 },
  update: {
    ...{ maxUnavailable: 0, maxSurge: 1, order: 'start-first' },
    ...{ minHealthyMs: 0, progressMs: 600_000, isRolledBack: true },
  },
};

async function worldWith(roles: readonly RoleGrant[]): Promise<World> {
  const world = new World();
  await world.control.putPool({ ...poolSpec, roles });
  return world;
}

test.each<[string, readonly RoleGrant[]]>([
  ['no grant', []],
  ['a grant of another role', [{ role: `${role}-2` }]],
  ['a grant of roles that begin otherwise', [{ role: 'arn:aws:iam::123456789012:role/public-*' }]],
  ['a grant for another tenant', [{ role, tenants: ['other'] }]],
])('with %s it is refused, and the cure is named', async (_, grants) => {
  const refused = (await worldWith(grants)).control.submit(submission({ role }));
  await expect(refused).rejects.toThrow(RoleRefusedError);
  await expect(refused).rejects.toThrow(`the role ${role}; an operator allows it with a grant in the pool's roles`);
});

test('only the node that carries the attempt gets it, while the pool allows it and the attempt runs', async () => {
  const world = await worldWith([{ role: 'arn:aws:iam::123456789012:role/*', tenants: ['default'] }]);
  const { request } = await world.control.submit(submission({ role }));
  const other = await world.control.submit(submission());
  world.ending = () => null;
  await world.run(10);
  const pool = poolSpec.name;
  const nodes = (await world.control.listNodes(pool)) ?? [];
  const nodeOf = (id: string): string =>
    nodes.find((one) => one.assigned.some((assigned) => assigned.requestId === id))?.id ?? '';
  const [node, attemptId] = [nodeOf(request.id), `${request.id}.0.1`];
  const session = { role, tenant: 'default', requestId: request.id, attemptId, pool };
  expect(await world.control.roleOfAttempt(node, attemptId)).toEqual(session);
  expect(await world.control.roleOfAttempt('i-0', attemptId)).toBeNull();
  expect(await world.control.roleOfAttempt(node, `${request.id}.0.2`)).toBeNull();
  expect(await world.control.roleOfAttempt(nodeOf(other.request.id), `${other.request.id}.0.1`)).toBeNull();
  await world.control.noteGrant(node, session, 1_800_003_600_000);
  const activity = await world.control.listActivity(pool, { limit: 50 });
  expect(activity?.items.find((one) => one.code === 'role_granted')).toMatchObject({
    nodeId: node,
    message: `attempt ${attemptId} of default was given credentials of ${role} until 2027-01-15T09:00:00.000Z`,
  });
  await world.control.putPool({ ...poolSpec, roles: [] });
  await expect(world.control.roleOfAttempt(node, attemptId)).rejects.toThrow(RoleRefusedError);
  await world.control.cancel('default', request.id);
  await world.run(10);
  expect(await world.control.roleOfAttempt(node, attemptId)).toBeNull();
});

test('inputs of S3 are read as its role, while the pool allows that', async () => {
  const world = await worldWith([{ role }]);
  const inputs = [{ url: 's3://data/a', path: 'a' }] as const;
  const { request } = await world.control.submit(submission({ role, inputs }));
  world.ending = () => null;
  await world.run(10);
  const [node] = (await world.control.listNodes(poolSpec.name)) ?? [];
  const attemptId = `${request.id}.0.1`;
  const session = { role, tenant: 'default', requestId: request.id, attemptId, pool: poolSpec.name };
  expect(await world.control.inputsOfAttempt(node?.id ?? '', attemptId)).toMatchObject({ inputs, role: session });
  await world.control.putPool({ ...poolSpec, roles: [] });
  await expect(world.control.inputsOfAttempt(node?.id ?? '', attemptId)).rejects.toThrow(RoleRefusedError);
});

test.each<[string, readonly RoleGrant[], string | null]>([
  ['that it grants to everybody', [{ role }], role],
  ['that it grants to the tenant', [{ role: `${role.slice(0, -3)}*`, tenants: ['default'] }], role],
  ['that it grants to another tenant', [{ role, tenants: ['other'] }], null],
  ['that it grants no more', [], null],
])('what names no role has the default of the pool %s: tasks, and replicas of services', async (_, roles, given) => {
  const world = new World();
  await world.control.putPool({ ...poolSpec, role, roles });
  const { request } = await world.control.submit(submission());
  const { record } = await world.control.services.put(service);
  const template = record.revisions.at(-1)?.template;
  const roleOf = (spec: object = {}): unknown => ('role' in spec ? spec.role : null);
  expect([roleOf(request.spec), roleOf(template)]).toEqual([given, given]);
});

test('a role that is named goes before the default; another default is for what comes then', async () => {
  const world = new World();
  const roles = [{ role: `${role}*` }];
  await world.control.putPool({ ...poolSpec, role, roles });
  const before = await world.control.submit(submission());
  const named = await world.control.submit(submission({ role: `${role}-2` }));
  await world.control.putPool({ ...poolSpec, role: `${role}-3`, roles });
  const after = await world.control.submit(submission());
  const ids = [before, named, after].map((one) => one.request.id);
  const specs = await Promise.all(ids.map(async (id) => (await world.control.getRequest('default', id))?.spec));
  expect(specs).toMatchObject([{ role }, { role: `${role}-2` }, { role: `${role}-3` }]);
});
