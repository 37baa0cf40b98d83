// A loopback door to the deployed APIs, because a local cloud serves them under long paths and nobody has its
// credentials: /agent/… goes to the agents' API, everything else to the applications', as an administrator of
// the account. It also passes events of AWS on (the simulated EC2's, and any that is posted to /_events), under
// sources that others may send.
import { createServer, request as send } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';
import { readBody } from '../../adapters/local/http-body.ts';
import { throwListening } from '../../adapters/local/ports.ts';
import { localRoutes } from '../../api/local.ts';
import { credentialHeader } from './aws.ts';
import { simulatedSource } from './template.ts';

const simulatorPath = '/_simulated-ec2-events';
const messageMax = 256 * 1024;
/** How another port is chosen for it. */
export const portCure = 'choose another with --port N (or BELLOWS_PORT)';

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
    this.#server = createServer((request, response) => {
      this.#pass(request, response);
    });
  }

  /** @throws PortBusyError */
  static async start(options: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(options);
    try {
      await new Promise<void>((resolve, reject) => {
        gateway.#server.once('error', reject);
        gateway.#server.listen(options.port, '127.0.0.1', resolve);
      });
    } catch (error) {
      throwListening(error, options.port, portCure);
    }
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
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }

  /** PutEvents of the EC2 simulator. */
  get eventsUrl(): string {
    return `${this.url}${simulatorPath}`;
  }

  #passEvents(request: IncomingMessage, response: ServerResponse): void {
    readBody(request, messageMax).then(
      (body) => {
        this.#putEvents(
          body.toString('utf8').replaceAll('"Source":"aws.ec2"', `"Source":"${simulatedSource('aws.ec2')}"`),
          request.headers,
          response,
        );
      },
      () => {
        response.destroy();
      },
    );
  }

  /** One event as EventBridge delivers it, onto the bus. */
  #passMessage(request: IncomingMessage, response: ServerResponse): void {
    readBody(request, messageMax).then(
      (body) => {
        let entry: object;
        try {
          entry = entryOf(JSON.parse(body.toString('utf8')));
        } catch (error) {
          response
            .writeHead(400, { 'content-type': 'text/plain' })
            .end(`no event: ${error instanceof Error ? error.message : String(error)}\n`);
          return;
        }
        const { accessKeyId, region } = this.#options;
        const headers = {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'AWSEvents.PutEvents',
          authorization: credentialHeader(accessKeyId, region, 'events'),
        };
        this.#putEvents(JSON.stringify({ Entries: [entry] }), headers, response);
      },
      () => {
        response.destroy();
      },
    );
  }

  #putEvents(body: string, headers: OutgoingHttpHeaders, response: ServerResponse): void {
    const passed = send(
      new URL('/', this.#options.endpoint),
      {
        method: 'POST',
        headers: { ...headers, host: new URL(this.#options.endpoint).host, 'content-length': Buffer.byteLength(body) },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    passed.on('error', () => {
      response.destroy();
    });
    passed.end(body);
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === simulatorPath) {
      this.#passEvents(request, response);
      return;
    }
    if (request.url === localRoutes.sendEvent.path) {
      this.#passMessage(request, response);
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
    const headers = {
      ...request.headers,
      host: target.host,
      authorization: request.headers.authorization ?? credentialHeader(accessKeyId, region, 'execute-api'),
    };
    const passed = send(target, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => {
      response.destroy();
    });
    request.on('aborted', () => {
      passed.destroy();
    });
    request.pipe(passed);
  }
}

const message = z.object({
  source: z.string(),
  'detail-type': z.string(),
  detail: z.record(z.string(), z.unknown()),
  time: z.iso.datetime({ offset: true }).optional(),
});

function entryOf(event: unknown): object {
  const { source, 'detail-type': DetailType, detail, time } = message.parse(event);
  return {
    Source: simulatedSource(source),
    DetailType,
    Detail: JSON.stringify(detail),
    ...(time === undefined ? {} : { Time: Date.parse(time) / 1_000 }),
  };
}
