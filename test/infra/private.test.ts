// `network: 'private'`: nodes without a way out reach the controller through an endpoint of their VPC, and nobody
// else does that way.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { agentRoutes } from '../../lib/api/agent-routes.ts';
import { isAllowed, statementsOf } from './iam.ts';
import { findings, synthesize } from './synth.ts';
import type { Synthesized } from './synth.ts';

let of: Synthesized;
beforeAll(() => {
  of = synthesize({ installation: 'prod', network: 'private' });
});

const one = (type: string, idPattern = /./): readonly [string, Readonly<Record<string, unknown>>] => {
  const found = of.ofType(type).filter(([id]) => idPattern.test(id));
  if (found.length !== 1) throw new Error(`${String(found.length)} of ${type} ${String(idPattern)}`);
  const [[id, resource] = ['', null]] = found;
  return [id, resource?.Properties ?? {}];
};

describe('the private network', () => {
  test('is clean by cdk-nag', () => {
    expect(findings({ network: 'private' })).toEqual([]);
  });

  test('has no way out, and endpoints for the API (one per zone, without private DNS) and for S3', () => {
    for (const type of ['AWS::EC2::NatGateway', 'AWS::EC2::InternetGateway', 'AWS::EC2::EgressOnlyInternetGateway'])
      expect(of.ofType(type)).toEqual([]);
    const endpoints = of.ofType('AWS::EC2::VPCEndpoint').map(([, resource]) => resource.Properties);
    expect(endpoints.map((endpoint) => endpoint['VpcEndpointType']).sort()).toEqual(['Gateway', 'Interface']);
    const api = endpoints.find((endpoint) => endpoint['VpcEndpointType'] === 'Interface');
    expect(api?.['PrivateDnsEnabled']).toBe(false);
    expect(JSON.stringify(api?.['ServiceName'])).toContain('.execute-api');
    expect(api?.['SubnetIds']).toHaveLength(of.ofType('AWS::EC2::Subnet').length);
  });

  test('lets nodes into the endpoint, at 443, and nobody else', () => {
    const [nodes] = one('AWS::EC2::SecurityGroup', /NodeGroup/);
    const [endpoint] = one('AWS::EC2::SecurityGroup', /EndpointGroup/);
    for (const [, group] of of.ofType('AWS::EC2::SecurityGroup'))
      expect(group.Properties).not.toHaveProperty('SecurityGroupIngress');
    const [, ingress] = one('AWS::EC2::SecurityGroupIngress');
    expect(ingress).toMatchObject({
      IpProtocol: 'tcp',
      FromPort: 443,
      ToPort: 443,
      GroupId: { 'Fn::GetAtt': [endpoint, 'GroupId'] },
      SourceSecurityGroupId: { 'Fn::GetAtt': [nodes, 'GroupId'] },
    });
  });

  test("has a private, signed and throttled REST API with the agents' routes, and no HTTP API for agents", () => {
    expect(of.ofType('AWS::ApiGatewayV2::Api').map(([, api]) => api.Properties['Name'])).toEqual(['bellows-prod']);
    const [, api] = one('AWS::ApiGateway::RestApi');
    expect(api['EndpointConfiguration']).toMatchObject({
      Types: ['PRIVATE'],
      VpcEndpointIds: [{ Ref: one('AWS::EC2::VPCEndpoint', /ApiEndpoint/)[0] }],
    });
    const methods = of.ofType('AWS::ApiGateway::Method').map(([, method]) => method.Properties);
    expect(methods.map((method) => method['HttpMethod']).sort()).toEqual(
      Object.values(agentRoutes)
        .map((route) => route.method)
        .sort(),
    );
    for (const method of methods)
      expect(method).toMatchObject({ AuthorizationType: 'AWS_IAM', Integration: { Type: 'AWS_PROXY' } });
    const parts = of.ofType('AWS::ApiGateway::Resource').map(([, resource]) => resource.Properties['PathPart']);
    expect([...parts].sort()).toEqual([
      ...['agent', 'artifacts', 'credentials', 'image-login', 'inputs', 'output', 'secrets', 'sync', 'v1'],
      ...Array.from({ length: 6 }, () => '{attemptId}'),
    ]);
    expect(one('AWS::ApiGateway::Stage')[1]).toMatchObject({
      StageName: 'agents',
      MethodSettings: [{ HttpMethod: '*', ThrottlingRateLimit: 5_000, ThrottlingBurstLimit: 10_000 }],
    });
  });

  test('denies every call that does not come through its endpoint', () => {
    const [, api] = one('AWS::ApiGateway::RestApi');
    const { Statement } = api['Policy'] as {
      Statement: readonly { Effect: string; Condition?: unknown; Principal: unknown }[];
    };
    expect(Statement.find((statement) => statement.Effect === 'Deny')).toMatchObject({
      Principal: { AWS: '*' },
      Condition: { StringNotEquals: { 'aws:SourceVpce': { Ref: one('AWS::EC2::VPCEndpoint', /ApiEndpoint/)[0] } } },
    });
    // To the account, which leaves it to the roles' own policies: not to everybody.
    expect(
      JSON.stringify(
        Statement.filter((statement) => statement.Effect === 'Allow').map((statement) => statement.Principal),
      ),
    ).toContain(':root');
  });

  test("tells nodes the endpoint's own name, and lets their role call the two routes and no other", () => {
    const [api] = one('AWS::ApiGateway::RestApi');
    const [endpoint] = one('AWS::EC2::VPCEndpoint', /ApiEndpoint/);
    const [, template] = one('AWS::EC2::LaunchTemplate', /NodesTemplatearm64/);
    const text = JSON.stringify(template);
    expect(text).toContain(`BELLOWS_AGENT_URL=https://",{"Ref":"${api}"},"-",{"Ref":"${endpoint}"},".execute-api.`);
    expect(text).toContain('BELLOWS_NODE_NETWORK=private');
    expect(
      (template['LaunchTemplateData'] as { NetworkInterfaces: readonly object[] }).NetworkInterfaces[0],
    ).toMatchObject({ AssociatePublicIpAddress: false });
    const [role] = one('AWS::IAM::Role', /^BellowsNodesRole/);
    const call = (path: string): boolean =>
      isAllowed(statementsOf(of.resources, role), {
        action: 'execute-api:Invoke',
        resource: `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${api}>/${path}`,
      });
    expect(['agents/POST/agent/v1/sync', 'agents/PUT/agent/v1/output/r.0.1'].map(call)).toEqual([true, true]);
    expect(['agents/GET/v1/requests', '$default/POST/agent/v1/sync'].map(call)).toEqual([false, false]);
  });
});
