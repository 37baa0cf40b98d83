// The API on a laptop: a node:http server that hands requests to the same Lambda handlers that run on AWS.
// It runs what callers send as commands, so it listens on loopback only and refuses what a web page of
// another origin could send: foreign Host (DNS rebinding), foreign Origin, and bodies that are not JSON.
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ProblemCode } from '../../api/problems.ts';
import { problemOf } from '../../api/problems.ts';
import { localRoutes } from '../../api/local.ts';
import { agentPaths } from '../../api/schemas/agent-protocol.ts';
import { agentLimits, limits } from '../../api/limits.ts';
import type { Log } from '../../ports/log.ts';
import { BodyTooLargeError, readBody } from './http-body.ts';
import type { GatewayEvent, GatewayResult } from './http-event.ts';
import { gatewayEvent, originForm } from './http-event.ts';
import { filesPath } from './kept/files.ts';
import type { LocalFiles } from './kept/files.ts';
import { throwListening } from './ports.ts';

/** A Lambda handler of HTTP events, as lambdas/api and lambdas/agent export them. */
export type GatewayHandler = (event: GatewayEvent, context: never) => Promise<GatewayResult>;

export interface HttpServerOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly api: GatewayHandler;
  readonly agent: GatewayHandler;
  /** Where agents wait for their bells; absent: that path is the agents' handler's. */
  readonly bell?: GatewayHandler;
  /** Takes what EventBridge would deliver, by POST (lib/api/local.ts); absent: that path is the API's. */
  readonly events?: GatewayHandler;
  /** Answers GETs of `/` and of what is below `/dashboard/`; absent: those paths are the API's. */
  readonly pages?: GatewayHandler;
  /** Takes and gives files, by addresses that it has signed; absent: those paths are the API's. */
  readonly files?: Pick<LocalFiles, 'serve'>;
  readonly log: Log;
  readonly nowMs: () => number;
}

export interface HttpServer {
  readonly port: number;
  /** `http://127.0.0.1:4780` */
  readonly url: string;
  /** Takes no more connections, lets running calls finish for up to `graceMs`, then cuts them. */
  close(graceMs?: number): Promise<void>;
}

const headerBytesMax = 32 * 1024;
/** Until the last byte of a body: of an upload, too. */
const requestTimeoutMs = 600_000;
const keepAliveTimeoutMs = 60_000;

/** @throws PortBusyError */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  let serial = 0;
  const server = createServer(
    { maxHeaderSize: headerBytesMax, requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveTimeoutMs },
    (request, response) => {
      serial += 1;
      serve(options, portOf(server), serial, request, response).catch((error: unknown) => {
        options.log.write('error', 'a call could not be answered', { error });
        response.destroy();
      });
    },
  );
  server.on('clientError', refuseUnparsed);
  await listen(server, options.port);
  const port = portOf(server);
  return { port, url: `http://127.0.0.1:${String(port)}`, close: (graceMs = 2_000) => close(server, graceMs) };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0;
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: '127.0.0.1' }, resolve);
    });
  } catch (error) {
    throwListening(error, port);
  }
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.closeAllConnections();
    }, graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

async function serve(
  options: HttpServerOptions,
  port: number,
  serial: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const isFile = options.files !== undefined && originForm(request.url ?? '').startsWith(filesPath);
  const refusal = refusalOf(request, port) ?? (isFile ? null : bodyRefusalOf(request));
  if (refusal !== null) {
    refuse(request, response, ...refusal);
    return;
  }
  if (isFile) return options.files.serve(request, response);
  const isAgent = originForm(request.url ?? '').startsWith('/agent/');
  let body: Buffer;
  try {
    body = await readBody(request, isAgent ? agentLimits.bodyBytes : limits.bodyBytes);
  } catch (error) {
    if (error instanceof BodyTooLargeError) {
      refuse(request, response, 'too_large', error.message);
    } else {
      // The caller went away while sending: there is nobody to answer.
      options.log.write('debug', 'a caller went away while sending', { error });
      response.destroy();
    }
    return;
  }
  const event = gatewayEvent(request, body, { requestId: `local-${String(serial)}`, nowMs: options.nowMs() });
  const handler = isAgent
    ? event.rawPath === agentPaths.bell
      ? (options.bell ?? options.agent)
      : options.agent
    : applicationHandler(options, event);
  const result = await handler(event, { awsRequestId: event.requestContext.requestId } as never);
  answer(request, response, result);
}

function applicationHandler({ api, events, pages }: HttpServerOptions, { rawPath }: GatewayEvent): GatewayHandler {
  if (events !== undefined && rawPath === localRoutes.sendEvent.path) return events;
  if (pages !== undefined && (rawPath === '/' || rawPath.startsWith('/dashboard/'))) return pages;
  return api;
}

/** Why a request to a port of loopback may come from a web page of another origin; null: it does not. */
export function strangerOf(request: IncomingMessage, port: number): string | null {
  const hosts = [`127.0.0.1:${String(port)}`, `localhost:${String(port)}`, `[::1]:${String(port)}`];
  const { host, origin } = request.headers;
  if (host === undefined || !hosts.includes(host.toLowerCase())) {
    return `the Host header ${JSON.stringify(host ?? '')} is not this server; call http://127.0.0.1:${String(port)}`;
  }
  if (origin !== undefined && !hosts.some((own) => origin.toLowerCase() === `http://${own}`)) {
    const page = JSON.stringify(origin.slice(0, 200));
    return `calls from pages of the origin ${page} are refused: this server runs commands`;
  }
  return null;
}

/** Why a request is not even looked at; null: it is. */
function refusalOf(request: IncomingMessage, port: number): [ProblemCode, string] | null {
  const stranger = strangerOf(request, port);
  if (stranger !== null) return ['forbidden', stranger];
  if ((request.headersDistinct['idempotency-key']?.length ?? 0) > 1) {
    return ['invalid_request', 'the header Idempotency-Key is given more than once; a request has one key'];
  }
  return null;
}

/** A page of another origin cannot send JSON without asking first. */
function bodyRefusalOf(request: IncomingMessage): [ProblemCode, string] | null {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (hasBody && type !== 'application/json') {
    return [
      'unsupported_media_type',
      `the body's type is ${type ? JSON.stringify(type) : 'not given'}; send content-type: application/json`,
    ];
  }
  return null;
}

function refuse(request: IncomingMessage, response: ServerResponse, code: ProblemCode, detail: string): void {
  const problem = problemOf(code, detail);
  // What the caller still sends is not read, so the connection cannot be used again.
  answer(request, response, {
    statusCode: problem.status,
    headers: { 'content-type': 'application/problem+json', connection: 'close' },
    body: JSON.stringify(problem),
  });
  request.resume();
}

/** What is not HTTP has no request to answer, only a socket; it gets its problem all the same. */
function refuseUnparsed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const [status, detail] = isTooLarge
    ? ['431 Request Header Fields Too Large', `headers have more than ${String(headerBytesMax)} bytes in all`]
    : ['400 Bad Request', `the request is not HTTP: ${error.message}`];
  const body = JSON.stringify({ ...problemOf('invalid_request', detail), status: isTooLarge ? 431 : 400 });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nContent-Length: `
      + `${String(Buffer.byteLength(body))}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function answer(request: IncomingMessage, response: ServerResponse, result: GatewayResult): void {
  const body = Buffer.from(result.body ?? '', result.isBase64Encoded ? 'base64' : 'utf8');
  response.statusCode = result.statusCode ?? 200;
  for (const [name, value] of Object.entries(result.headers ?? {})) response.setHeader(name, String(value));
  // A browser must not guess another type out of output that tasks wrote.
  response.setHeader('x-content-type-options', 'nosniff');
  if (response.statusCode !== 204 && request.method !== 'HEAD') response.setHeader('content-length', body.length);
  response.end(request.method === 'HEAD' ? undefined : body);
}
