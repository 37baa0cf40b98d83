// A Lambda handler made from a route table: routes, knows the caller, validates, calls the operation, and
// turns whatever is thrown into a problem. What a caller sends never gives a 5xx.
import middy from '@middy/core';
import httpRouter from '@middy/http-router';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { ProblemError, parse, parseBody } from '../../lib/api/problems.ts';
import type { Route } from '../../lib/api/routes.ts';
import type { Log } from '../../lib/ports/log.ts';
import { jsonBodyOf } from './body.ts';
import { etagOf } from './etags.ts';
import { methodsOf, nearPaths } from './near-paths.ts';
import { problemErrorOf } from './problem-of.ts';

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** Takes the parsed input and the caller; answers the body of the route's success. */
type Operation<Who> = (input: never, who: Who) => Promise<unknown>;

export interface HttpOptions<Who> {
  readonly routes: Readonly<Record<string, Route>>;
  readonly operations: Readonly<Record<string, Operation<Who>>>;
  /** Who calls a route that is not open to everybody. @throws ProblemError unauthorized, forbidden */
  readonly authorize: (route: Route, event: APIGatewayProxyEventV2) => Promise<Who>;
  readonly bodyBytesMax: number;
  readonly log: Log;
}

type Answer = APIGatewayProxyStructuredResultV2;

export function createHttpHandler<Who>(options: HttpOptions<Who>): HttpHandler {
  const table = Object.values(options.routes);
  const paths = [...new Set(table.map((route) => route.path))];
  const handlers = Object.entries(options.routes).map(([id, route]) => {
    const operation = options.operations[id];
    if (operation === undefined) throw new TypeError(`the route ${id} has no operation`);
    return { route, handle: (event: APIGatewayProxyEventV2) => serve(route, operation, options, event) };
  });
  const router = httpRouter<APIGatewayProxyEventV2, Answer>({
    routes: [
      ...handlers.map(({ route, handle }) => ({ method: route.method, path: route.path, handler: handle })),
      ...handlers
        .filter(({ route }) => route.method === 'GET')
        .map(({ route, handle }) => ({ method: 'HEAD' as const, path: route.path, handler: handle })),
      ...paths.map((path) => ({
        method: 'OPTIONS' as const,
        path,
        handler: async () => ({ statusCode: 204, headers: { allow: methodsOf(table, path).join(', ') } }),
      })),
    ],
    notFoundResponse: ({ method, path }) => {
      throw notFound(table, method, path);
    },
  });
  const handler = middy<APIGatewayProxyEventV2, Answer>(router)
    .after((request) => {
      if (request.event.requestContext.http.method === 'HEAD' && request.response) delete request.response.body;
    })
    .onError((request) => {
      const error = problemErrorOf(request.error);
      const { http } = request.event.requestContext;
      if (error.problem.status >= 500)
        options.log.write('error', `${http.method} ${http.path} failed`, { error: request.error });
      request.response = {
        statusCode: error.problem.status,
        headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...error.headers },
        ...(http.method === 'HEAD' ? {} : { body: JSON.stringify(error.problem) }),
      };
    });
  return async (event, context) => handler(event, context);
}

async function serve<Who>(
  route: Route,
  operation: Operation<Who>,
  options: HttpOptions<Who>,
  event: APIGatewayProxyEventV2,
): Promise<Answer> {
  const who = route.permission === 'none' ? null : await options.authorize(route, event);
  const input = inputOf(route, event, options.bodyBytesMax);
  // The table's types made input and operation fit; the table itself is walked untyped.
  const result = await (operation as (input: unknown, who: Who | null) => Promise<unknown>)(input, who);
  if (route.answer.schema === null)
    return { statusCode: route.answer.status, headers: { 'cache-control': 'no-store' } };
  const etag = etagOf(result);
  return {
    statusCode: route.answer.status,
    headers: {
      'content-type': route.answer.contentType ?? 'application/json',
      'cache-control': 'no-store',
      ...(etag === null ? {} : { etag }),
    },
    body: route.answer.contentType === undefined ? JSON.stringify(result) : String(result),
  };
}

function inputOf(route: Route, event: APIGatewayProxyEventV2, bodyBytesMax: number): unknown {
  const rawBody = route.body === undefined ? undefined : jsonBodyOf(event, bodyBytesMax);
  const query = event.queryStringParameters ?? {};
  if (route.query === undefined && Object.keys(query).length > 0) {
    const errors = Object.keys(query).map((name) => ({
      path: name,
      message: 'is not a known query parameter; this path takes none',
    }));
    throw new ProblemError('invalid_request', `${route.path} takes no query parameters`, errors);
  }
  return {
    params: route.params && paramsOf(route, event),
    query: route.query && parse(route.query, query, 'the query'),
    headers: route.headers && parse(route.headers, event.headers, 'the headers'),
    body: route.body && parseBody(route.body, rawBody, 'the body'),
    rawBody,
  };
}

function paramsOf(route: Route, event: APIGatewayProxyEventV2): unknown {
  // Only the table's own: a catch-all route of the gateway adds its `proxy`.
  const names = Object.keys(route.params?.shape ?? {});
  const given = Object.fromEntries(names.map((name) => [name, decoded(event.pathParameters?.[name] ?? '')]));
  const result = route.params?.safeParse(given);
  if (result?.success) return result.data;
  // What cannot be a name is the caller's mistake where it would be created, and simply not there elsewhere.
  if (route.method === 'PUT' && route.params) return parse(route.params, given, 'the path');
  throw new ProblemError(
    'not_found',
    `there is no ${Object.values(given)
      .map((value) => JSON.stringify(value.slice(0, 100)))
      .join(', ')} at ${route.path}`,
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoding after all: what it is then is for the schema to judge.
    return text;
  }
}

function notFound(table: readonly Route[], method: string, path: string): ProblemError {
  const allowed = methodsOf(table, path);
  if (allowed.length > 0) {
    const allow = allowed.join(', ');
    return new ProblemError('method_not_allowed', `${path} does not take ${method}; it takes ${allow}`, [], { allow });
  }
  return new ProblemError(
    'not_found',
    `there is no path ${path.slice(0, 200)}; near to it: ${nearPaths(table, path).join(', ')}`,
  );
}
