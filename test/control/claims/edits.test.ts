// Edits of rules: what was read guards what is written, the view shows what is wanted beside what is in force,
// and rules that are gone from EC2 are gone from the view.
import { describe, expect, test } from '@jest/globals';
import { createApiHandler } from '../../../lambdas/api/handler.ts';
import { presentRequest } from '../../../lib/api/presenters.ts';
import type { RequestView } from '../../../lib/api/schemas/requests.ts';
import type { NetworkRule, NetworkWish } from '../../../lib/core/records/security-group.ts';
import { call as callApi, RecordingLog, noFiles } from '../../lambdas/calls.ts';
import { localIdentity } from '../../lambdas/fake-use-cases.ts';
import { ClaimWorld, machineSpec, networkSpec, poolSpec } from './world.ts';

const open = (port: number, request: string | null = null): NetworkRule => ({
  protocol: 'tcp',
  fromPort: port,
  toPort: port,
  cidr: request === null ? '10.0.0.0/8' : null,
  request,
});
const network = (ingress: readonly NetworkRule[], more: Partial<NetworkWish> = {}) => ({
  ...networkSpec,
  network: { ...networkSpec.network, ingress, ...more },
});
const ports = (rules: readonly { readonly fromPort: number | null }[] | undefined): readonly (number | null)[] =>
  rules?.map((rule) => rule.fromPort) ?? [];

async function newWorld(): Promise<ClaimWorld> {
  const world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  return world;
}

async function active(world: ClaimWorld, spec: Parameters<ClaimWorld['submit']>[0]): Promise<string> {
  const { id } = await world.submit(spec);
  await world.run(20);
  expect(await world.claim(id)).toMatchObject({ state: 'active' });
  return id;
}

async function edit(
  world: ClaimWorld,
  id: string,
  ingress: readonly NetworkRule[],
  ifMatch: readonly string[] | null = null,
): Promise<RequestView> {
  const record = await world.control.changeClaim('default', id, { kind: 'rules', rules: { ingress } }, ifMatch);
  if (!record) throw new TypeError(`there is no ${id}`);
  return presentRequest(record, null);
}

const view = async (world: ClaimWorld, id: string): Promise<RequestView> => presentRequest(await world.claim(id), null);
const revision = (shown: RequestView): readonly string[] => [JSON.parse(shown.etag ?? '""') as string];

describe('an edit of rules', () => {
  test('shows what is wanted beside what is in force, and its reason from the first answer on', async () => {
    const world = await newWorld();
    const id = await active(world, network([open(443)]));
    const answer = await edit(world, id, [open(443), open(81)]);
    expect(answer.reason).toBe('changing_rules');
    expect([ports(answer.network?.ingress), ports(answer.network?.wanted?.ingress)]).toEqual([[443], [443, 81]]);
    await world.run(20);
    const after = await view(world, id);
    expect([ports(after.network?.ingress), after.network?.wanted, after.reason]).toEqual([[443, 81], null, null]);
  });

  test('that nothing guards never takes back an earlier one, whether that is in force or not', async () => {
    for (const seconds of [0, 30]) {
      const world = await newWorld();
      const id = await active(world, network([open(443)]));
      await edit(world, id, [open(443), open(81)]);
      await world.run(seconds);
      // Both were made on the same view: [443].
      await expect(edit(world, id, [open(443), open(82)])).rejects.toMatchObject({
        code: 'edit_conflict',
        message: expect.stringContaining('tcp 81 10.0.0.0/8'),
      });
      await edit(world, id, [open(443), open(81), open(82)]);
      await world.run(30);
      expect(ports((await view(world, id)).network?.ingress)).toEqual([443, 81, 82]);
    }
  });

  test('may be repeated, and change what the request came with', async () => {
    const world = await newWorld();
    const id = await active(world, network([open(443)]));
    const first = await edit(world, id, [open(80)]);
    expect(await edit(world, id, [open(80)])).toEqual(first);
    await world.run(30);
    await edit(world, id, [open(80), open(443)]);
    await world.run(30);
    expect(ports((await view(world, id)).network?.ingress)).toEqual([80, 443]);
  });

  test(
    'of a client that reads what is there is made without a guard: it adds, ' + 'replaces, removes, goes back',
    async () => {
      const world = await newWorld();
      const id = await active(world, network([open(443)]));
      for (const next of [
        [443, 81],
        [443, 81, 82],
        [443, 81],
        [443],
        [80],
        [8080],
        [8080, 22],
        [22],
        [],
        [443],
        [443, 22],
        [22],
      ]) {
        await edit(
          world,
          id,
          next.map((port) => open(port)),
        );
        await world.run(5);
        expect(ports((await view(world, id)).network?.ingress)).toEqual(next);
      }
      // What is asked for is in the view at once: added to, taken back as a whole.
      for (const next of [[22, 81], [22, 81, 82], [22]])
        await edit(
          world,
          id,
          next.map((port) => open(port)),
        );
      await world.run(5);
      expect((await view(world, id)).network).toMatchObject({ ingress: [{ fromPort: 22 }], wanted: null });
    },
  );

  test(
    'is refused where another one was made on the same view, whether it added or removed; after a '
      + 'minute all have read it',
    async () => {
      const world = await newWorld();
      const id = await active(world, network([open(443), open(22)]));
      await edit(world, id, [open(443)]);
      for (const seconds of [0, 20, 20]) {
        await world.run(seconds);
        await expect(edit(world, id, [open(443), open(22), open(80)])).rejects.toMatchObject({
          code: 'edit_conflict',
          message: expect.stringContaining('tcp 22 10.0.0.0/8'),
        });
      }
      await world.run(30);
      await edit(world, id, [open(443), open(22), open(80)]);
      // Two that replace everything: which one is meant is not known while the first is not in force.
      await expect(edit(world, id, [open(9)])).rejects.toMatchObject({ code: 'edit_conflict' });
    },
  );

  test('that names the state it was made on is made on that, or not at all', async () => {
    const world = await newWorld();
    const id = await active(world, network([open(443)]));
    const before = revision(await view(world, id));
    const answer = await edit(world, id, [open(81)], before);
    await expect(edit(world, id, [open(82)], before)).rejects.toMatchObject({ code: 'precondition_failed' });
    await world.run(30);
    // Progress is no change: the answer's revision is that of what is in force then.
    expect(revision(await view(world, id))).toEqual(revision(answer));
    await edit(world, id, [open(82)], revision(answer));
    await world.run(30);
    expect(ports((await view(world, id)).network?.ingress)).toEqual([82]);
  });

  test('that EC2 refuses is another state again', async () => {
    const world = await newWorld();
    const id = await active(world, network([open(443)]));
    const before = revision(await view(world, id));
    world.ec2.cloud.faults.set({
      action: 'AuthorizeSecurityGroupIngress',
      effect: { kind: 'fail', code: 'RulesPerSecurityGroupLimitExceeded', message: 'too many', httpStatus: 400 },
      times: 1,
    });
    const answer = await edit(world, id, [open(443), open(81)]);
    await world.run(30);
    const after = await view(world, id);
    expect(after).toMatchObject({ reason: null, network: { wanted: null } });
    expect(revision(after)).toEqual(before);
    expect(revision(answer)).not.toEqual(before);
  });

  test("of a machine's own rules waits with a reason, too", async () => {
    const world = await newWorld();
    const id = await active(world, {
      ...machineSpec,
      volumes: [],
      network: network([open(22)], { sharing: 'dedicated' }).network,
    });
    expect(await edit(world, id, [open(2222)])).toMatchObject({ reason: 'changing_rules' });
    await world.run(30);
    expect(await world.claim(id)).toMatchObject({
      state: 'active',
      reason: null,
      spec: { network: { ingress: [open(2222)] } },
    });
  });
});

describe('over HTTP', () => {
  test('answers carry an ETag, and If-Match guards changes', async () => {
    const world = await newWorld();
    const api = createApiHandler({
      ...noFiles,
      useCases: world.control,
      identity: localIdentity,
      log: new RecordingLog(),
    });
    const post = await callApi(api, 'POST', '/v1/requests', {
      type: 'network',
      ingress: [{ port: 443, cidr: '10.0.0.0/8' }],
    });
    const { id } = post.body as RequestView;
    await world.run(20);
    const path = `/v1/requests/${id}`;
    const got = await callApi(api, 'GET', path);
    const etag = String(got.headers['etag']);
    expect(etag).toBe((got.body as RequestView).etag);
    const rules = (port: number) => ({ ingress: [{ port, cidr: '10.0.0.0/8' }] });
    const stale = '"0000000000000000"';
    for (const [ifMatch, status] of [
      [stale, 412],
      [`W/${etag}`, 412],
      ['nonsense', 400],
      [`${stale}, ${etag}`, 202],
      [etag, 412],
      ['*', 202],
    ] as const) {
      const answer = await callApi(api, 'POST', `${path}/rules`, rules(1_000 + status), {
        headers: { 'if-match': ifMatch },
      });
      expect([ifMatch, answer.status]).toEqual([ifMatch, status]);
    }
    // Any state is meant: also one that an earlier edit brought.
    expect((await callApi(api, 'POST', `${path}/rules`, rules(9))).status).toBe(409);
    expect((await callApi(api, 'POST', `${path}/rules`, rules(9), { headers: { 'if-match': '*' } })).status).toBe(202);
    expect((await callApi(api, 'POST', `${path}/renew`, undefined, { headers: { 'if-match': stale } })).status).toBe(
      412,
    );
    const pool = await callApi(api, 'GET', '/v1/pools/default');
    expect(pool.headers['etag']).toMatch(/^"\w+-1"$/);
    const { accepts } = poolSpec;
    expect(
      (
        await callApi(
          api,
          'PUT',
          '/v1/pools/default',
          { accepts, priority: 3 },
          { headers: { 'if-match': String(pool.headers['etag']) } },
        )
      ).status,
    ).toBe(200);
    expect(
      (
        await callApi(
          api,
          'PUT',
          '/v1/pools/default',
          { accepts, priority: 4 },
          { headers: { 'if-match': String(pool.headers['etag']) } },
        )
      ).status,
    ).toBe(412);
    expect(
      (await callApi(api, 'PUT', '/v1/pools/another', { accepts }, { headers: { 'if-match': '"x-1"' } })).status,
    ).toBe(412);
  });
});

describe('rules that are gone', () => {
  test('with the network that they named are gone from the view, and the timeline says so', async () => {
    for (const sharing of ['share', 'dedicated'] as const) {
      const world = await newWorld();
      const a = await active(world, network([open(22)]));
      const others = [
        await active(world, network([open(5432, a), open(443)], { sharing })),
        await active(world, network([open(5432, a), open(443)], { sharing })),
      ];
      const machine = await active(world, {
        ...machineSpec,
        volumes: [],
        network: network([open(5432, a)], { sharing }).network,
      });
      await world.release(a);
      await world.run(60);
      expect(await world.claim(a)).toMatchObject({ state: 'released' });
      for (const id of [...others, machine]) {
        const claim = await world.claim(id);
        expect(claim).toMatchObject({ state: 'active', reason: null, wantedNetwork: null });
        expect(ports((await view(world, id)).network?.ingress)).toEqual(id === machine ? [] : [443]);
        expect(claim.timeline.filter((entry) => entry.code === 'rules_gone').map((entry) => entry.message)).toEqual([
          `loses tcp 5432 ${a}: the other side was released`,
        ]);
        for (const groupId of claim.groupIds)
          expect(
            world.ec2.securityGroups
              .get(groupId)
              ?.rules.filter((rule) => !rule.isEgress)
              .map((rule) => rule.fromPort),
          ).toEqual(id === machine ? [] : [443]);
      }
      expect(await world.documents()).toBe(sharing === 'share' ? 3 : 4);
      for (const id of [...others, machine]) await world.release(id);
      await world.run(60);
      expect(world.left()).toEqual({ instances: 0, volumes: 0, groups: 0 });
    }
  });

  test('by hand are put back, and the timeline says so', async () => {
    const world = await newWorld();
    const id = await active(world, network([open(22), open(443)]));
    const machine = await active(world, {
      ...machineSpec,
      volumes: [],
      network: network([open(8080)], { sharing: 'dedicated' }).network,
    });
    for (const [request, port] of [
      [id, 443],
      [machine, 8080],
    ] as const) {
      const [groupId = ''] = (await world.claim(request)).groupIds;
      await world.ports.cloud.revoke(groupId, [
        { isEgress: false, protocol: 'tcp', fromPort: port, toPort: port, cidr: '10.0.0.0/8', groupId: null },
      ]);
    }
    await world.run(120);
    for (const request of [id, machine]) {
      const claim = await world.claim(request);
      expect(claim).toMatchObject({ state: 'active', reason: null });
      expect(claim.timeline.filter((entry) => entry.code === 'rules_missing')).toHaveLength(1);
      expect(
        world.ec2.securityGroups
          .get(claim.groupIds[0] ?? '')
          ?.rules.filter((rule) => !rule.isEgress)
          .map((rule) => rule.fromPort)
          .sort(),
      ).toEqual(request === id ? [22, 443] : [8080]);
    }
  });
});
