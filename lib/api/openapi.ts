// /openapi.json: the route table as an OpenAPI 3.1 document.
import { createDocument } from 'zod-openapi';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import type { ProblemCode } from './problems.ts';
import { problemKinds, problemOf, problemView } from './problems.ts';
import type { Route } from './routes.ts';
import { routes } from './routes.ts';

/** The problems that a route can answer: its own and those of its shape. */
export function problemsOf(route: Route): ProblemCode[] {
  const codes: ProblemCode[] = [...route.problems];
  if (route.body !== undefined) codes.push('malformed_json', 'too_large', 'unsupported_media_type', 'unprocessable');
  codes.push('invalid_request');
  if (route.permission !== 'none') codes.push('unauthorized', 'forbidden');
  codes.push('internal', 'unavailable');
  return [...new Set(codes)].sort((a, b) => problemKinds[a][0] - problemKinds[b][0] || (a < b ? -1 : 1));
}

function problemResponses(route: Route): ZodOpenApiOperationObject['responses'] {
  const byStatus = Map.groupBy(problemsOf(route), (code) => problemKinds[code][0]);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `${code}: ${problemKinds[code][1]}.`).join(' '),
        content: {
          'application/problem+json': {
            schema: problemView,
            examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
          },
        },
      },
    ]),
  );
}

function problemExamples(): Record<string, { summary: string; value: object }> {
  const codes = Object.keys(problemKinds) as ProblemCode[];
  return Object.fromEntries(
    codes.map((code) => [code, { summary: problemKinds[code][1], value: problemOf(code, problemKinds[code][1]) }]),
  );
}

/** How a deployed installation knows its callers. */
const securitySchemes = {
  sigv4: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description:
      'AWS Signature Version 4, service `execute-api`, of a principal whom IAM allows `execute-api:Invoke`; none is '
      + 'needed on a laptop.',
    'x-amazon-apigateway-authtype': 'awsSigv4',
  },
} as const;

/** What the operation is about: the first part of its path. */
function tagOf({ path }: Route): string {
  return /^\/(?:v1\/)?([a-z-]+)/.exec(path)?.[1] ?? 'installation';
}

function operationOf(id: string, route: Route): ZodOpenApiOperationObject {
  const { status, description, schema, contentType = 'application/json' } = route.answer;
  return {
    operationId: id,
    summary: route.summary,
    tags: [tagOf(route)],
    security: route.permission === 'none' ? [] : [{ sigv4: [] }],
    ...(route.description === undefined ? {} : { description: route.description }),
    requestParams: {
      ...(route.params && { path: route.params }),
      ...(route.query && { query: route.query }),
      ...(route.headers && { header: route.headers }),
    },
    ...(route.body && { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } }),
    responses: {
      [String(status)]: { description, ...(schema && { content: { [contentType]: { schema } } }) },
      ...problemResponses(route),
    },
  };
}

function build(): Record<string, unknown> & { openapi: string } {
  const paths: ZodOpenApiPathsObject = {};
  for (const [id, route] of Object.entries<Route>(routes)) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(id, route) };
  }
  const document = createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Bellows',
      version: '1.0.0',
      description:
        'Elastic compute without a cluster. Times are RFC 3339 UTC; what is no success is application/problem+json.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The installation that answers this document.' }],
    tags: [...new Set(Object.values<Route>(routes).map(tagOf))].sort().map((name) => ({ name })),
    components: { securitySchemes, examples: problemExamples() },
    paths,
  });
  return { ...document };
}

let built: ReturnType<typeof build> | undefined;

/** Built on the first call: most cold starts never serve it. */
export function openApiDocument(): ReturnType<typeof build> {
  built ??= build();
  return built;
}
