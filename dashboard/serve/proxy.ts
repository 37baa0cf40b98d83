// The page on loopback for an installation that is elsewhere: files from here, calls passed on by who may sign them. It
// acts with its owner's credentials, so it serves nobody else: foreign pages (Host, Origin) and other users of the
// machine (a token that only the owner was told) are refused.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPages, isPagePath } from './pages.ts';
import type { PageAnswer, PageSettings } from './pages.ts';

export interface PassedCall {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ProxyOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly settings: PageSettings;
  /** @throws an error whose message says why no answer came */
  readonly pass: (call: PassedCall) => Promise<PageAnswer>;
}

export interface Proxy {
  /** With the token: whoever opens it is known from then on. */
  readonly url: string;
  close(): Promise<void>;
}

const bodyBytesMax = 1_000_000;
const passedPath = /^\/(?:v1\/|metrics$|openapi\.json$|healthz$)/;
const passedHeaders = ['accept', 'content-type', 'idempotency-key', 'if-match'];

export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const token = randomBytes(24).toString('hex');
  const pages = createPages(options.settings);
  const server = createServer((request, response) => {
    answer(options, pages, token, portOf(server), request).then(
      (given) => {
        send(request, response, given);
      },
      (error: unknown) => {
        send(request, response, refusal(502, 'no_answer', error instanceof Error ? error.message : String(error)));
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: options.port, host: '127.0.0.1' }, resolve);
  });
  return {
    url: `http://127.0.0.1:${String(portOf(server))}/?token=${token}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0;
}

async function answer(
  options: ProxyOptions,
  pages: ReturnType<typeof createPages>,
  token: string,
  port: number,
  request: IncomingMessage,
): Promise<PageAnswer> {
  const hosts = [`127.0.0.1:${String(port)}`, `localhost:${String(port)}`];
  const { host = '', origin } = request.headers;
  const isForeign = origin !== undefined && !hosts.some((own) => origin === `http://${own}`);
  if (!hosts.includes(host.toLowerCase()) || isForeign)
    return refusal(403, 'forbidden', 'calls of other pages are refused: this server acts with your credentials');
  const url = new URL(request.url ?? '/', `http://${host}`);
  const cookie = `bellows-${String(port)}`;
  const given = url.pathname === '/' ? url.searchParams.get('token') : null;
  if (given !== null && isSame(given, token)) return entrance(cookie, token);
  if (!isKnown(request, cookie, token))
    return refusal(401, 'unauthorized', 'open the whole address that ./bellows dashboard printed, with its token');
  if (isPagePath(url.pathname) && (request.method === 'GET' || request.method === 'HEAD'))
    return (await pages(url.pathname)) ?? refusal(404, 'not_found', `there is no file ${url.pathname}`);
  if (!passedPath.test(url.pathname)) return refusal(404, 'not_found', `there is no path ${url.pathname}`);
  return options.pass({
    method: request.method ?? 'GET',
    path: `${url.pathname}${url.search}`,
    headers: Object.fromEntries(
      passedHeaders.flatMap((name) => {
        const value = request.headers[name];
        return typeof value === 'string' ? [[name, value]] : [];
      }),
    ),
    body: await bodyOf(request),
  });
}

/** The token goes from the address into a cookie, so that the address can be shown and shared. */
function entrance(cookie: string, token: string): PageAnswer {
  return {
    status: 303,
    headers: {
      location: '/',
      'set-cookie': `${cookie}=${token}; HttpOnly; SameSite=Strict; Path=/`,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    },
    body: '',
  };
}

function isKnown({ headers }: IncomingMessage, cookie: string, token: string): boolean {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.some(([name, value = '']) => name === cookie && isSame(value, token));
}

function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > bodyBytesMax) throw new Error(`a body has at most ${String(bodyBytesMax)} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refusal(status: number, code: string, detail: string): PageAnswer {
  const problem = { type: `urn:bellows:problem:${code}`, title: detail, status, code, detail, errors: [] };
  return { status, headers: { 'content-type': 'application/problem+json' }, body: JSON.stringify(problem) };
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: PageAnswer): void {
  response.writeHead(status, { 'x-content-type-options': 'nosniff', ...headers });
  response.end(request.method === 'HEAD' ? undefined : body);
  request.resume();
}
