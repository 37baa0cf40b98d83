// HTTP calls of handlers without a server: events as API Gateway sends them.
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { Problem } from '../../lib/api/problems.ts';
import type { Log } from '../../lib/ports/log.ts';
import type { Files } from '../../lib/ports/access/files.ts';
import type { HttpHandler } from '../../lambdas/http/handler.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly body: unknown;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, instead of `body` as JSON. */
  readonly text?: string;
  readonly isBase64?: boolean;
}

export function eventOf(
  method: string,
  path: string,
  body?: unknown,
  options: CallOptions = {},
): APIGatewayProxyEventV2 {
  const [rawPath = '', rawQueryString = ''] = path.split('?');
  const text = options.text ?? (body === undefined ? undefined : JSON.stringify(body));
  const query = Object.fromEntries(new URLSearchParams(rawQueryString));
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
    ...(rawQueryString === '' ? {} : { queryStringParameters: query }),
    requestContext: {
      accountId: '',
      apiId: '',
      domainName: '',
      domainPrefix: '',
      requestId: '',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' },
    },
    ...(text === undefined ? {} : { body: text }),
    isBase64Encoded: options.isBase64 ?? false,
  };
}

export async function call(
  handler: HttpHandler,
  method: string,
  path: string,
  body?: unknown,
  options: CallOptions = {},
): Promise<Answer> {
  const result = await handler(eventOf(method, path, body, options), {} as Context);
  const text = result.body ?? '';
  return {
    status: result.statusCode ?? 0,
    headers: result.headers ?? {},
    text,
    body: text === '' ? null : isJson(result.headers) ? (JSON.parse(text) as unknown) : text,
  };
}

function isJson(headers: Answer['headers'] | undefined): boolean {
  return /[/+]json$/.test(String(headers?.['content-type']));
}

export function problem(answer: Answer): Problem {
  if (answer.headers['content-type'] !== 'application/problem+json')
    throw new Error(`${String(answer.status)} is no problem: ${answer.text}`);
  return answer.body as Problem;
}

export class RecordingLog implements Log {
  readonly lines: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[] = [];

  write(level: string, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.lines.push({ level, message, fields });
  }
}

/** Nothing is there, and addresses lead nowhere. */
export const noFiles: { readonly files: Files; readonly clock: { nowMs(): number } } = {
  files: {
    uploadTo: async (key) => ({ url: `https://files.test/${key}`, headers: {} }),
    downloadFrom: async (key) => `https://files.test/${key}`,
    look: async () => null,
    read: async () => null,
    write: async () => {},
  },
  clock: { nowMs: () => 0 },
};
