// The way to services on a laptop: an HTTP server on loopback that forwards each request to a replica that is ready,
// by the first label of its host: http://storefront.localhost:4880/. On AWS that is a load balancer's work.
import { Agent, createServer, request as ask } from 'node:http';
import type { ClientRequest, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a replica that is ready is reached. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** By name of the service; one without a ready replica is there with none. */
export type Endpoints = ReadonlyMap<string, readonly Endpoint[]>;

export interface ProxyOptions {
  /** 0: any that is free. */
  readonly port: number;
  readonly endpoints: () => Promise<Endpoints>;
  readonly log: (message: string, error: unknown) => void;
}

/** What is known of replicas is this old at most when a request is sent to one: much less than they are drained. */
const freshMs = 200;
/** A request that no replica has taken is tried again with others. */
const triesMax = 4;

export class ServiceProxy {
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });
  #known: Endpoints = new Map();
  #knownAtMs = -Infinity;
  #asking: Promise<void> | null = null;
  #turn = 0;

  private constructor(options: ProxyOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        options.log('a request to a service failed inside of the proxy', error);
        refuse(response, 502, 'the proxy failed; see the log of the server');
      });
    });
  }

  static async start(options: ProxyOptions): Promise<ServiceProxy> {
    const proxy = new ServiceProxy(options);
    await new Promise<void>((done, failed) => {
      proxy.#server.once('error', failed);
      proxy.#server.listen({ port: options.port, host: '127.0.0.1' }, done);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.#server.close(done));
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.#refresh();
    const name = (request.headers.host ?? '').split(/[.:]/)[0] ?? '';
    const ready = this.#known.get(name);
    if (ready === undefined) {
      const names = [...this.#known.keys()].sort().join(', ') || 'none';
      return refuse(
        response,
        404,
        `there is no service ${name} with a port; the host's first label names it: ${names}`,
      );
    }
    if (ready.length === 0) return refuse(response, 503, `no replica of service ${name} is ready`);
    this.#turn += 1;
    let failure = '';
    for (let n = 0; n < Math.min(triesMax, ready.length); n += 1) {
      const endpoint = ready[(this.#turn + n) % ready.length];
      if (endpoint === undefined) break;
      const why = await this.#forward(endpoint, request, response);
      if (why === null) return;
      failure = why;
    }
    refuse(response, 502, `no replica of service ${name} took the request: ${failure}`);
  }

  /** Once for all who wait. */
  async #refresh(): Promise<void> {
    if (performance.now() - this.#knownAtMs < freshMs) return;
    this.#asking ??= this.#options
      .endpoints()
      .then(
        (known) => {
          this.#known = known;
          this.#knownAtMs = performance.now();
        },
        // What was known a moment ago is better than nothing.
        (error: unknown) => {
          this.#options.log('the replicas of services cannot be read', error);
        },
      )
      .finally(() => {
        this.#asking = null;
      });
    await this.#asking;
  }

  /** null: it was answered, or its caller is gone. Else why another replica may have it: this one has seen nothing. */
  #forward(endpoint: Endpoint, request: IncomingMessage, response: ServerResponse): Promise<string | null> {
    return new Promise((resolve) => {
      const hasBody = request.headers['content-length'] !== undefined || 'transfer-encoding' in request.headers;
      const { method = 'GET', url = '/', headers } = request;
      const upstream = ask({
        host: endpoint.address,
        port: endpoint.port,
        method,
        path: url,
        headers: { ...headers, 'x-forwarded-for': request.socket.remoteAddress ?? '' },
        // A connection that is kept may be closed by the other side just as it is used: nothing is lost without a body.
        agent: hasBody ? false : this.#agent,
      });
      let isSent = false;
      upstream.once('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.headers);
        answer.pipe(response);
        answer.once('error', () => response.destroy());
        answer.once('close', () => {
          resolve(null);
        });
      });
      upstream.once('error', (error) => {
        const mayRepeat = !isSent && !response.headersSent && !response.destroyed;
        if (mayRepeat || isHarmless(upstream, method, response)) return resolve(error.message);
        refuse(response, 502, `the replica failed: ${error.message}`);
        resolve(null);
      });
      response.once('close', () => upstream.destroy());
      if (!hasBody) {
        isSent = method !== 'GET' && method !== 'HEAD';
        upstream.end();
        return;
      }
      upstream.once('socket', (socket) => {
        const send = (): void => {
          isSent = true;
          request.pipe(upstream);
        };
        if (socket.connecting) socket.once('connect', send);
        else send();
      });
    });
  }
}

/** A connection that was kept and is closed as it is used: GET and HEAD change nothing when they come twice. */
function isHarmless({ reusedSocket }: ClientRequest, method: string, response: ServerResponse): boolean {
  return reusedSocket && (method === 'GET' || method === 'HEAD') && !response.headersSent && !response.destroyed;
}

function refuse(response: ServerResponse, status: number, detail: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', ...(status === 503 ? { 'retry-after': '1' } : {}) });
  response.end(`${JSON.stringify({ detail })}\n`);
}
