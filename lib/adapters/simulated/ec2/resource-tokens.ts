// ClientTokens of everything but instances: the first call makes, a replay shows what was made, other
// parameters are refused.
import { Ec2Error } from '../cloud/errors.ts';
import type { Wire } from './protocol/xml.ts';
import type { World } from './world.ts';

export function parameterMismatch(): Ec2Error {
  return new Ec2Error(
    'IdempotentParameterMismatch',
    'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
  );
}

export function replayOr(
  world: World,
  scope: string,
  token: string | undefined,
  parameters: string,
  does: { readonly make: () => string; readonly show: (madeId: string) => Wire },
): Wire {
  const key = token === undefined ? null : `${scope}/${token}`;
  const used = key === null ? undefined : world.usedTokens.get(key);
  if (used) {
    if (used.parameters !== parameters) throw parameterMismatch();
    return does.show(used.madeId);
  }
  const madeId = does.make();
  if (key !== null) world.usedTokens.put({ id: key, parameters, madeId });
  return does.show(madeId);
}
