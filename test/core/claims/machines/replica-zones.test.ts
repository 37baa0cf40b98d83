// In which zones machines of a service are bought.
import { describe, expect, test } from '@jest/globals';
import { decideBuying } from '../../../../lib/core/claims/machines/buy.ts';
import type { ClaimRecord } from '../../../../lib/core/records/claim.ts';
import { isNodeLaunch } from '../../../../lib/core/records/launch.ts';
import { claimCopy, machineLaunch, machines, machineWish, offer, smallType, typeOf } from '../../builders.ts';

type World = NonNullable<Parameters<typeof claimCopy>[0]>;

function zonesOf(claims: readonly ClaimRecord[], world: World = {}): readonly string[] {
  const copy = claimCopy({ ...world, claims: [...claims, ...(world.claims ?? [])] });
  decideBuying(copy, claims);
  return copy.bought
    .flatMap((one) => (isNodeLaunch(one) ? [] : one.members.map((member) => `${member.request} ${one.request.zone}`)))
    .sort();
}

const replica = (id: string, name = 'web'): ClaimRecord => machineWish(id, { service: { name, slot: 0, revision: 1 } });
const there = machines('t', { service: { name: 'web', slot: 1, revision: 1 } });

describe('replicas of a service', () => {
  test('take turns over zones of one price, each service by itself', () => {
    const all = [replica('a'), replica('b'), replica('c'), replica('d', 'api'), machineWish('m')];
    expect(zonesOf(all)).toEqual(['a za', 'b zb', 'c za', 'd za', 'm za']);
  });

  test('count those that are there or on their way, and not those that go', () => {
    expect(zonesOf([replica('a')], { claims: [there] })).toEqual(['a zb']);
    expect(zonesOf([replica('a')], { claims: [{ ...there, tenant: 'u' }] })).toEqual(['a za']);
    expect(zonesOf([replica('a')], { claims: [{ ...there, state: 'releasing' }] })).toEqual(['a za']);
    const coming = { claims: [replica('b')], launches: [machineLaunch('l', 'b')] };
    expect(zonesOf([replica('a')], coming)).toEqual(['a zb']);
  });

  test('are of the cheapest offering all the same', () => {
    const market = [offer(smallType, 'za', 'on-demand'), offer(typeOf('c7.dear', 2, 4, 9), 'zb', 'on-demand')];
    expect(zonesOf([replica('a')], { offerings: market, claims: [there] })).toEqual(['a za']);
  });
});
