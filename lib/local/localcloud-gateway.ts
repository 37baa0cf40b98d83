// A loopback door to the deployed APIs, because a local cloud serves them under long paths and the CLI does not sign:
// /agent/… goes to the agents' API, everything else to the applications', as an administrator of the account. It also
// passes the simulated EC2's events on, under the one source that a local cloud lets others send.
import { createServer, request as send } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PortBusyError } from '../adapters/local/http-server.ts';
import { credentialHeader } from './localcloud-aws.ts';
import { simulatedEventSource } from './localcloud-template.ts';

const eventsPath = '/_simulated-ec2-events';

export interface GatewayOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly endpoint: string;
  readonly region: string;
  /** Of the caller of whatever comes without a credential. */
  readonly accessKeyId: string;
}

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #server: Server;
  #apis: { readonly applications: string; readonly agents: string } | null = null;

  private constructor(options: GatewayOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => { this.#pass(request, response); });
  }

  /** @throws PortBusyError */
  static async start(options: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(options);
    await new Promise<void>((resolve, reject) => {
      gateway.#server.once('error', (error) => {
        reject('code' in error && error.code === 'EADDRINUSE' ? new PortBusyError(options.port) : error);
      });
      gateway.#server.listen(options.port, '127.0.0.1', resolve);
    });
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** The ids of the two APIs, once they are deployed. */
  lead(apis: { readonly applications: string; readonly agents: string }): void {
    this.#apis = apis;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => { resolve(); });
      this.#server.closeAllConnections();
    });
  }

  /** PutEvents of the EC2 simulator. */
  get eventsUrl(): string {
    return `${this.url}${eventsPath}`;
  }

  #passEvents(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8').replaceAll('"Source":"aws.ec2"', `"Source":"${simulatedEventSource}"`);
      const passed = send(new URL('/', this.#options.endpoint), { method: 'POST', headers: { ...request.headers, host: new URL(this.#options.endpoint).host, 'content-length': Buffer.byteLength(body) } }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passed.on('error', () => { response.destroy(); });
      passed.end(body);
    });
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === eventsPath) {
      this.#passEvents(request, response);
      return;
    }
    const { endpoint, region, accessKeyId } = this.#options;
    if (this.#apis === null) {
      response.writeHead(503).end();
      return;
    }
    const path = request.url ?? '/';
    const api = path.startsWith('/agent/') ? this.#apis.agents : this.#apis.applications;
    const target = new URL(`/_aws/execute-api/${api}/$default${path}`, endpoint);
    const headers = { ...request.headers, host: target.host, authorization: request.headers.authorization ?? credentialHeader(accessKeyId, region, 'execute-api') };
    const passed = send(target, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => { response.destroy(); });
    request.on('aborted', () => { passed.destroy(); });
    request.pipe(passed);
  }
}
