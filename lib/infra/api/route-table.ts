// The routes that the deployed API has, and where agents call: what the HTTP API and the private REST API share.
import * as apigw from 'aws-cdk-lib/aws-apigatewayv2';

export type Permission = 'read' | 'request' | 'pool-admin';

/** One line per route of lib/api/routes.ts (a test compares them): policies can then name them one by one. */
export const routeTable: readonly (readonly [
  method: apigw.HttpMethod,
  path: string,
  permission: Permission | 'agent' | 'none',
])[] = [
  [apigw.HttpMethod.POST, '/v1/requests', 'request'],
  [apigw.HttpMethod.POST, '/v1/requests/batch', 'request'],
  [apigw.HttpMethod.POST, '/v1/uploads', 'request'],
  [apigw.HttpMethod.GET, '/v1/requests', 'read'],
  [apigw.HttpMethod.GET, '/v1/requests/{id}', 'read'],
  [apigw.HttpMethod.DELETE, '/v1/requests/{id}', 'request'],
  [apigw.HttpMethod.GET, '/v1/requests/{id}/timeline', 'read'],
  [apigw.HttpMethod.POST, '/v1/requests/{id}/what-if', 'read'],
  [apigw.HttpMethod.GET, '/v1/requests/{id}/tasks', 'read'],
  [apigw.HttpMethod.DELETE, '/v1/requests/{id}/tasks/{index}', 'request'],
  [apigw.HttpMethod.POST, '/v1/requests/{id}/retry', 'request'],
  [apigw.HttpMethod.GET, '/v1/requests/{id}/output', 'read'],
  [apigw.HttpMethod.GET, '/v1/requests/{id}/artifacts', 'read'],
  [apigw.HttpMethod.POST, '/v1/requests/{id}/renew', 'request'],
  [apigw.HttpMethod.POST, '/v1/requests/{id}/stop', 'request'],
  [apigw.HttpMethod.POST, '/v1/requests/{id}/start', 'request'],
  [apigw.HttpMethod.POST, '/v1/requests/{id}/resize', 'request'],
  [apigw.HttpMethod.POST, '/v1/requests/{id}/attach', 'request'],
  [apigw.HttpMethod.POST, '/v1/requests/{id}/detach', 'request'],
  [apigw.HttpMethod.POST, '/v1/requests/{id}/rules', 'request'],
  [apigw.HttpMethod.GET, '/v1/pools', 'read'],
  [apigw.HttpMethod.PUT, '/v1/pools/{name}', 'pool-admin'],
  [apigw.HttpMethod.GET, '/v1/pools/{name}', 'read'],
  [apigw.HttpMethod.DELETE, '/v1/pools/{name}', 'pool-admin'],
  [apigw.HttpMethod.POST, '/v1/pools/{name}/pause', 'pool-admin'],
  [apigw.HttpMethod.POST, '/v1/pools/{name}/resume', 'pool-admin'],
  [apigw.HttpMethod.GET, '/v1/nodes/{id}/why', 'read'],
  [apigw.HttpMethod.POST, '/v1/nodes/{id}/cordon', 'pool-admin'],
  [apigw.HttpMethod.POST, '/v1/nodes/{id}/uncordon', 'pool-admin'],
  [apigw.HttpMethod.POST, '/v1/nodes/{id}/drain', 'pool-admin'],
  [apigw.HttpMethod.POST, '/v1/nodes/{id}/terminate', 'pool-admin'],
  [apigw.HttpMethod.GET, '/v1/pools/{name}/nodes', 'read'],
  [apigw.HttpMethod.GET, '/v1/pools/{name}/activity', 'read'],
  [apigw.HttpMethod.GET, '/v1/pools/{name}/lifetimes', 'read'],
  [apigw.HttpMethod.GET, '/v1/services', 'read'],
  [apigw.HttpMethod.PUT, '/v1/services/{name}', 'request'],
  [apigw.HttpMethod.GET, '/v1/services/{name}', 'read'],
  [apigw.HttpMethod.DELETE, '/v1/services/{name}', 'request'],
  [apigw.HttpMethod.POST, '/v1/services/{name}/scale', 'request'],
  [apigw.HttpMethod.POST, '/v1/services/{name}/rollback', 'request'],
  [apigw.HttpMethod.GET, '/v1/services/{name}/why', 'read'],
  [apigw.HttpMethod.PUT, '/v1/services/{name}/metrics/{metric}', 'request'],
  [apigw.HttpMethod.GET, '/v1/services/{name}/replicas', 'read'],
  [apigw.HttpMethod.GET, '/v1/services/{name}/events', 'read'],
  [apigw.HttpMethod.GET, '/v1/pools/{name}/history', 'read'],
  [apigw.HttpMethod.GET, '/v1/pools/{name}/forecast', 'read'],
  [apigw.HttpMethod.GET, '/v1/pools/{name}/why', 'read'],
  [apigw.HttpMethod.GET, '/v1/tenants', 'pool-admin'],
  [apigw.HttpMethod.PUT, '/v1/tenants/{name}', 'pool-admin'],
  [apigw.HttpMethod.GET, '/v1/tenants/{name}', 'pool-admin'],
  [apigw.HttpMethod.DELETE, '/v1/tenants/{name}', 'pool-admin'],
  [apigw.HttpMethod.POST, '/v1/plan', 'read'],
  [apigw.HttpMethod.GET, '/v1/stats', 'read'],
  [apigw.HttpMethod.GET, '/v1/regret', 'read'],
  [apigw.HttpMethod.GET, '/metrics', 'read'],
  [apigw.HttpMethod.GET, '/v1/costs', 'read'],
  [apigw.HttpMethod.GET, '/healthz', 'none'],
  [apigw.HttpMethod.GET, '/openapi.json', 'none'],
  [apigw.HttpMethod.POST, '/agent/v1/sync', 'agent'],
  [apigw.HttpMethod.PUT, '/agent/v1/output/{attemptId}', 'agent'],
  [apigw.HttpMethod.POST, '/agent/v1/secrets/{attemptId}', 'agent'],
  [apigw.HttpMethod.POST, '/agent/v1/inputs/{attemptId}', 'agent'],
  [apigw.HttpMethod.POST, '/agent/v1/credentials/{attemptId}', 'agent'],
  [apigw.HttpMethod.POST, '/agent/v1/artifacts/{attemptId}', 'agent'],
  [apigw.HttpMethod.PUT, '/agent/v1/artifacts/{attemptId}', 'agent'],
];

/** Where agents call: an HTTP API, or a private REST API in a VPC without a way out. */
export interface AgentApi {
  readonly id: string;
  readonly stage: string;
  readonly url: string;
}
