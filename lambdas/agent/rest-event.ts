// The agents' function stands behind an HTTP API, or behind a private REST API, whose events have another form: this
// brings the second into the first.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';

const texts = z.record(z.string(), z.string()).nullish();

/** "Input format of a Lambda function for proxy integration"; only what is used. */
const restEvent = z.object({
  httpMethod: z.string(),
  path: z.string(),
  headers: texts,
  queryStringParameters: texts,
  pathParameters: texts,
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.looseObject({
    /** Set by the gateway from the signature; null where a call was not signed. */
    identity: z.object({
      userArn: z.string().nullish(),
      user: z.string().nullish(),
      sourceIp: z.string().nullish(),
      userAgent: z.string().nullish(),
    }),
  }),
});

/** An event of either API as one of an HTTP API. @throws ZodError for what neither sends */
export function asHttpEvent(event: object): APIGatewayProxyEventV2 {
  if (!('httpMethod' in event)) return event as APIGatewayProxyEventV2;
  const {
    httpMethod: method,
    path,
    headers,
    queryStringParameters,
    pathParameters,
    body,
    isBase64Encoded,
    requestContext,
  } = restEvent.parse(event);
  const { identity, ...context } = requestContext;
  const { userArn, user } = identity;
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: '',
    // REST APIs keep the case of names.
    headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
    ...(queryStringParameters ? { queryStringParameters } : {}),
    ...(pathParameters ? { pathParameters } : {}),
    ...(typeof body === 'string' ? { body } : {}),
    isBase64Encoded,
    requestContext: {
      ...(context as unknown as APIGatewayProxyEventV2['requestContext']),
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: identity.sourceIp ?? '',
        userAgent: identity.userAgent ?? '',
      },
      // Only what the gateway itself says, whatever else may be in the context.
      ...(userArn && user ? { authorizer: { iam: { userArn, userId: user } } } : { authorizer: undefined }),
    },
  };
}
