// The two HTTP APIs: one for applications, with access logs, and one for agents, whose syncs would fill them.
import { CfnOutput, Stack } from 'aws-cdk-lib';
import * as apigw from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from '../acknowledgements.ts';
import { privateAgents } from './private-api.ts';
import { routeTable } from './route-table.ts';
import type { AgentApi, Permission } from './route-table.ts';
import type { BellowsThrottle } from '../props.ts';

export class Apis extends Construct {
  readonly applications: apigw.HttpApi;
  readonly agents: AgentApi;
  readonly permissions: Readonly<Record<Permission, iam.ManagedPolicy>>;

  constructor(
    scope: Construct,
    id: string,
    props: {
      readonly installation: string;
      readonly api: lambda.IFunction;
      readonly agent: lambda.IFunction;
      readonly accessLogs: logs.LogGroup;
      readonly throttle: BellowsThrottle;
      /** In a VPC without a way out: where nodes reach the agents' API. */
      readonly privateEndpoint: ec2.IInterfaceVpcEndpoint | null;
    },
  ) {
    super(scope, id);
    const requestsPerSecond = props.throttle.requestsPerSecond ?? 500;
    const burst = props.throttle.burst ?? 1000;
    this.applications = httpApi(this, 'Applications', `bellows-${props.installation}`);
    addRoutes(this.applications, props.api, (permission) => permission !== 'agent');
    stage(this.applications, { throttlingRateLimit: requestsPerSecond, throttlingBurstLimit: burst }, props.accessLogs);
    acknowledge(this.applications, {
      'AwsSolutions-APIG4':
        'healthz, openapi.json and docs are open to everybody and tell nothing of the installation; every '
        + 'other route is signed.',
    });
    const throttle = { throttlingRateLimit: requestsPerSecond * 10, throttlingBurstLimit: burst * 10 };
    this.agents =
      props.privateEndpoint === null
        ? publicAgents(this, props.installation, props.agent, throttle)
        : privateAgents(this, props.installation, props.agent, throttle, props.privateEndpoint);
    this.permissions = {
      read: this.#policy('Read', 'read', 'Look at what is there'),
      request: this.#policy('Request', 'request', 'Ask for things and cancel them'),
      'pool-admin': this.#policy('PoolAdmin', 'pool-admin', 'Declare, pause and delete pools, order their nodes'),
    };
    new CfnOutput(this, 'Url', {
      value: this.applications.apiEndpoint,
      description: 'The HTTP API for applications (IAM auth)',
    });
    for (const [name, permission] of [
      ['ReadPolicy', 'read'],
      ['RequestPolicy', 'request'],
      ['PoolAdminPolicy', 'pool-admin'],
    ] as const) {
      new CfnOutput(this, name, {
        value: this.permissions[permission].managedPolicyArn,
        description: `Attach it to whom shall have the permission ${permission}`,
      });
    }
  }

  arnsOf(permission: Permission): readonly string[] {
    const { partition, region, account } = Stack.of(this);
    return routeTable
      .filter(([, , needed]) => needed === permission)
      .map(
        ([method, path]) =>
          `arn:${partition}:execute-api:${region}:${account}:${this.applications.apiId}/$default/${method}`
          + `${path.replaceAll(/\{[^}]+\}/g, '*')}`,
      );
  }

  #policy(id: string, permission: Permission, description: string): iam.ManagedPolicy {
    const statement = new iam.PolicyStatement({
      sid: 'Invoke',
      actions: ['execute-api:Invoke'],
      resources: [...this.arnsOf(permission)],
    });
    const policy = new iam.ManagedPolicy(this, id, { description: `Bellows: ${description}`, statements: [statement] });
    acknowledgeWildcards(policy, [statement]);
    return policy;
  }
}

const noAccessLogs = 'Syncs come every few seconds from every node: their access logs would cost more than the calls.';

function publicAgents(
  scope: Construct,
  installation: string,
  handler: lambda.IFunction,
  throttle: apigw.CfnStage.RouteSettingsProperty,
): AgentApi {
  const api = httpApi(scope, 'Agents', `bellows-${installation}-agents`);
  addRoutes(api, handler, (permission) => permission === 'agent');
  stage(api, throttle, null);
  acknowledge(api, { 'AwsSolutions-APIG1': noAccessLogs, 'Serverless-APIGWAccessLogging': noAccessLogs });
  return { id: api.apiId, stage: '$default', url: api.apiEndpoint };
}

function httpApi(scope: Construct, id: string, name: string): apigw.HttpApi {
  return new apigw.HttpApi(scope, id, {
    apiName: name,
    createDefaultStage: false,
    ipAddressType: apigw.IpAddressType.DUAL_STACK,
  });
}

function addRoutes(
  api: apigw.HttpApi,
  handler: lambda.IFunction,
  isMine: (permission: Permission | 'agent' | 'none') => boolean,
): void {
  const integration = new HttpLambdaIntegration('Handler', handler, {
    payloadFormatVersion: apigw.PayloadFormatVersion.VERSION_2_0,
    scopePermissionToRoute: false,
  });
  const signed = new HttpIamAuthorizer();
  for (const [method, path, permission] of routeTable) {
    if (!isMine(permission)) continue;
    api.addRoutes({
      path,
      methods: [method],
      integration,
      authorizer: permission === 'none' ? new apigw.HttpNoneAuthorizer() : signed,
    });
  }
}

function stage(
  api: apigw.HttpApi,
  throttle: apigw.CfnStage.RouteSettingsProperty,
  accessLogs: logs.LogGroup | null,
): void {
  new apigw.CfnStage(api, 'Stage', {
    apiId: api.apiId,
    stageName: '$default',
    autoDeploy: true,
    defaultRouteSettings: throttle,
    ...(accessLogs === null
      ? {}
      : {
          accessLogSettings: {
            destinationArn: accessLogs.logGroupArn,
            format: JSON.stringify({
              at: '$context.requestTime',
              id: '$context.requestId',
              caller: '$context.identity.userArn',
              route: '$context.routeKey',
              status: '$context.status',
              bytes: '$context.responseLength',
              latencyMs: '$context.responseLatency',
              error: '$context.error.message',
            }),
          },
        }),
  });
}
