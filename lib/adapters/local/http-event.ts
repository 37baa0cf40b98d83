// A node:http request as the event that API Gateway's HTTP APIs (payload 2.0) hand to a Lambda function.
import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

export type GatewayEvent = APIGatewayProxyEventV2;
export type GatewayResult = APIGatewayProxyStructuredResultV2;

export function gatewayEvent(
  request: IncomingMessage,
  body: Buffer,
  call: { readonly requestId: string; readonly nowMs: number },
): GatewayEvent {
  const [path, ...rest] = originForm(request.url ?? '/').split('?');
  const rawPath = path ? path : '/';
  const rawQueryString = rest.join('?');
  const query = queryOf(rawQueryString);
  const headers = headersOf(request);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers,
    ...(query === null ? {} : { queryStringParameters: query }),
    requestContext: {
      accountId: 'local',
      apiId: 'local',
      domainName: headers['host'] ?? '',
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: call.requestId,
      routeKey: '$default',
      stage: '$default',
      time: new Date(call.nowMs).toISOString(),
      timeEpoch: call.nowMs,
    },
    // Base64 keeps bytes that are no UTF-8 apart from text, so that the handler can refuse them.
    ...(body.length === 0 ? {} : { body: body.toString('base64') }),
    isBase64Encoded: body.length > 0,
  };
}

/**
 * A client that takes this server for a proxy sends the whole address (RFC 9112, 3.2.2); its host was
 * checked in the Host header.
 */
export function originForm(target: string): string {
  const absolute = /^https?:\/\/[^/?#]*(.*)$/i.exec(target)?.[1];
  return absolute === undefined ? target : absolute.startsWith('/') ? absolute : `/${absolute}`;
}

/** The gateway joins repeated parameters with commas. */
function queryOf(text: string): Record<string, string> | null {
  const entries = [...new URLSearchParams(text)];
  if (entries.length === 0) return null;
  const query = new Map<string, string>();
  for (const [name, value] of entries) query.set(name, query.has(name) ? `${query.get(name) ?? ''},${value}` : value);
  return Object.fromEntries(query);
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return headers;
}
