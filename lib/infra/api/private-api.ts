// The agents' API inside a VPC without a way out: a private REST API in front of the same function, since HTTP APIs
// cannot be private. Only through the VPC's own endpoint, and only signed.
import { Stack } from 'aws-cdk-lib';
import * as rest from 'aws-cdk-lib/aws-apigateway';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledgements.ts';
import { routeTable } from './route-table.ts';
import type { AgentApi } from './route-table.ts';

const stageName = 'agents';

export function privateAgents(
  scope: Construct,
  installation: string,
  handler: lambda.IFunction,
  throttle: { readonly throttlingRateLimit?: number; readonly throttlingBurstLimit?: number },
  endpoint: ec2.IInterfaceVpcEndpoint,
): AgentApi {
  const api = new rest.RestApi(scope, 'PrivateAgents', {
    restApiName: `bellows-${installation}-agents`,
    description: `Syncs of the nodes of Bellows installation ${installation}, inside of their VPC`,
    endpointConfiguration: { types: [rest.EndpointType.PRIVATE], vpcEndpoints: [endpoint] },
    // The account leaves the decision to the roles' own policies; the endpoint is a condition whatever those say.
    policy: new iam.PolicyDocument({
      statements: [
        new iam.PolicyStatement({
          principals: [new iam.AccountRootPrincipal()],
          actions: ['execute-api:Invoke'],
          resources: ['execute-api:/*'],
        }),
        new iam.PolicyStatement({
          effect: iam.Effect.DENY,
          principals: [new iam.AnyPrincipal()],
          actions: ['execute-api:Invoke'],
          resources: ['execute-api:/*'],
          conditions: { StringNotEquals: { 'aws:SourceVpce': endpoint.vpcEndpointId } },
        }),
      ],
    }),
    cloudWatchRole: false,
    deployOptions: { stageName, ...throttle },
    defaultMethodOptions: { authorizationType: rest.AuthorizationType.IAM },
  });
  const integration = new rest.LambdaIntegration(handler, {
    proxy: true,
    allowTestInvoke: false,
    scopePermissionToMethod: false,
  });
  for (const [method, path, permission] of routeTable)
    if (permission === 'agent') api.root.resourceForPath(path).addMethod(method, integration);
  const noLogs = 'Syncs come every few seconds from every node: their logs would cost more than the calls.';
  acknowledge(api, {
    'AwsSolutions-APIG1': noLogs,
    'AwsSolutions-APIG6': noLogs,
    'Serverless-APIGWAccessLogging': noLogs,
    'AwsSolutions-APIG2':
      'The function parses every body by the schemas of the protocol; a model here would be a second one.',
    'AwsSolutions-APIG3':
      'Reachable only from the nodes, through an endpoint in their own VPC, and signed: a web firewall would '
      + 'judge nothing but agents.',
    'AwsSolutions-COG4': 'Agents are known by the session of their instance role (IAM), not by a pool of users.',
    'Serverless-APIGWXrayEnabled': 'Traces would be paid for per sync.',
  });
  const { region, urlSuffix } = Stack.of(scope);
  // The endpoint's own name for this API: it needs no private DNS.
  return {
    id: api.restApiId,
    stage: stageName,
    url: `https://${api.restApiId}-${endpoint.vpcEndpointId}.execute-api.${region}.${urlSuffix}/${stageName}`,
  };
}
