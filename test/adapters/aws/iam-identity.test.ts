// Who calls, from the contexts that API Gateway's IAM authorizer passes.
import { expect, test } from '@jest/globals';
import { identifyIamCaller, identifyIamNode, principalOf } from '../../../lib/adapters/aws/iam-identity.ts';

const event = (userArn: string, userId = 'AIDA1') => ({
  headers: {},
  requestContext: {
    http: {},
    authorizer: { iam: { accessKey: 'x', accountId: '111122223333', userArn, userId, cognitoIdentity: null } },
  },
});
const tenantOf = async (arn: string, tenants: Record<string, string> = {}): Promise<string | undefined> =>
  (await identifyIamCaller(tenants)(event(arn)))?.tenant;

test.each([
  ['arn:aws:sts::111122223333:assumed-role/Shop/session-1', 'role', 'Shop'],
  ['arn:aws:iam::111122223333:role/path/of/Shop', 'role', 'Shop'],
  ['arn:aws-us-gov:iam::111122223333:user/team/ann', 'user', 'ann'],
  ['arn:aws:iam::111122223333:root', 'root', 'root'],
])('%s is the %s %s', (arn, kind, name) => {
  expect(principalOf(arn)).toMatchObject({ accountId: '111122223333', kind, name });
});

test.each([
  '',
  'arn:aws:iam::1:user/x',
  'arn:aws:sts::111122223333:federated-user/x',
  'arn:aws:iam::111122223333:user/',
  'Shop',
])('%j is nobody', (arn) => {
  expect(principalOf(arn)).toBeNull();
});

test('all sessions of a role are one tenant; a user of the same name is another', async () => {
  expect(await tenantOf('arn:aws:sts::111122223333:assumed-role/Shop/a')).toBe('Shop');
  expect(await tenantOf('arn:aws:sts::111122223333:assumed-role/Shop/b')).toBe('Shop');
  expect(await tenantOf('arn:aws:iam::111122223333:user/Shop')).toBe('user/Shop');
});

test('the caller is named as people know it: a session of a role, a user with its path, root', async () => {
  const named = async (arn: string) => (await identifyIamCaller({})(event(arn)))?.principal;
  expect(await named('arn:aws:sts::111122223333:assumed-role/Admin/alice')).toBe('Admin/alice');
  expect(await named('arn:aws:iam::111122223333:user/team/ann')).toBe('user/team/ann');
  expect(await named('arn:aws:iam::111122223333:root')).toBe('root');
});

test(
  'the table of tenants counts first, by account and name; what is no ARN in it is ' + 'refused at the start',
  async () => {
    const tenants = {
      'arn:aws:iam::111122223333:role/service/Shop': 'web',
      'arn:aws:iam::111122223333:user/ann': 'web',
    };
    expect(await tenantOf('arn:aws:sts::111122223333:assumed-role/Shop/a', tenants)).toBe('web');
    expect(await tenantOf('arn:aws:iam::111122223333:user/ann', tenants)).toBe('web');
    expect(await tenantOf('arn:aws:sts::444455556666:assumed-role/Shop/a', tenants)).toBe('Shop');
    expect(() => identifyIamCaller({ Shop: 'web' })).toThrow(/no ARN/);
  },
);

test('a call that the authorizer did not see has no caller and no node, whatever its headers say', async () => {
  const unsigned = {
    headers: { 'x-tenant': 'web', 'x-node': 'i-0123456789abcdef0' },
    requestContext: { http: {}, authorizer: { jwt: { claims: { sub: 'x' } } } },
  };
  expect(await identifyIamCaller({})(unsigned)).toBeNull();
  expect(await identifyIamNode('AROA1')(unsigned)).toBeNull();
});

test("a node is the session of the nodes' own role that EC2 named after the instance", async () => {
  const identify = identifyIamNode('AROANODES');
  const nodeOf = async (userId: string): Promise<unknown> =>
    identify(event('arn:aws:sts::111122223333:assumed-role/Nodes/x', userId));
  expect(await nodeOf('AROANODES:i-0123456789abcdef0')).toEqual({ nodeId: 'i-0123456789abcdef0' });
  for (const other of [
    'AROAOTHER:i-0123456789abcdef0',
    'AROANODES:someone',
    'AROANODES',
    'AROANODES:i-0123456789abcdef0:x',
    'AROANODES:I-0123456789ABCDEF0',
    'AROANODESi-0123456789abcdef0',
    '',
  ]) {
    expect(await nodeOf(other)).toBeNull();
  }
});
