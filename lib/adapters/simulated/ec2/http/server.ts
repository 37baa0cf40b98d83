// EC2 over HTTP: a call comes in as the Query protocol writes it, is looked up in the table of actions, and
// its effect is durable before its answer leaves.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Ec2Error, requestLimitExceeded } from '../../cloud/errors.ts';
import type { CloudFault } from '../../cloud/faults.ts';
import { Faults } from '../../cloud/faults.ts';
import { SeededRandom } from '../../cloud/random.ts';
import { Throttles } from '../../cloud/throttle.ts';
import { noSuchAction } from '../action.ts';
import { actions } from '../actions.ts';
import { settle } from '../families/settle.ts';
import { parseQuery } from '../protocol/query.ts';
import type { QueryNode } from '../protocol/query.ts';
import { callerOf, serviceOf } from '../protocol/signature.ts';
import type { Caller } from '../protocol/signature.ts';
import { answerParts, errorXml } from '../protocol/xml.ts';
import type { ReadyPart } from '../protocol/xml.ts';
import type { World } from '../world.ts';
import type { WorldOptions } from '../world.ts';
import type { Seed } from '../seeding.ts';
import { SimulationClock } from './clock.ts';
import { Control, simulatorRoutes } from './control.ts';
import type { Controlled } from './control.ts';
import { EventPump } from './event-pump.ts';
import { Journal } from './journal.ts';
import { MetadataService } from './metadata.ts';
import { answerNeighbour } from './neighbours.ts';
import { throttlingPresets } from './throttling.ts';
import type { ThrottlingName } from './throttling.ts';
import { Worlds } from './worlds.ts';

export interface SimulatorSetup {
  /** 0: any free port. */
  readonly port?: number;
  readonly host?: string;
  readonly options?: Partial<WorldOptions>;
  /** What is not as packaged: images, types, zones, regions, quotas, prices, capacity. */
  readonly seed?: Seed;
  readonly throttling?: ThrottlingName;
  /** Where state is kept; null: in memory. */
  readonly folder?: string | null;
  /** An EventBridge endpoint that takes PutEvents; null: events are kept for `/_sim/events` only. */
  readonly eventsEndpoint?: string | null;
  readonly clock?: SimulationClock;
}

const bodyBytesMax = 4_000_000;

export class Ec2Simulator {
  readonly clock: SimulationClock;
  readonly journal = new Journal();
  readonly faults = new Faults();
  readonly worlds: Worlds;
  readonly events: EventPump;
  readonly metadata: MetadataService;
  private readonly control: Control<Controlled>;
  private readonly throttles = new Map<string, Throttles>();
  private throttling: ThrottlingName;
  private readonly faultRandom = new SeededRandom('faults');
  private readonly server: Server;

  private constructor(setup: SimulatorSetup) {
    this.clock = setup.clock ?? new SimulationClock();
    this.throttling = setup.throttling ?? 'gentle';
    this.worlds = new Worlds({
      clock: this.clock,
      options: setup.options ?? {},
      seed: setup.seed ?? {},
      folder: setup.folder ?? null,
    });
    // The time of a stored world may be ahead of the machine's: it was scaled or stepped.
    for (const world of this.worlds.all()) this.clock.notBefore(world.cloud.advancedToMs);
    this.events = new EventPump({ worlds: this.worlds, clock: this.clock, endpoint: setup.eventsEndpoint ?? null });
    this.metadata = new MetadataService(this.worlds, () => this.clock.nowMs());
    this.control = new Control<Controlled>(this, simulatorRoutes);
    this.server = createServer((request, response) => void this.serve(request, response));
    this.server.keepAliveTimeout = 30_000;
  }

  /** Resolves when it listens. Rejects where the port is taken. */
  static async start(setup: SimulatorSetup = {}): Promise<Ec2Simulator> {
    const simulator = new Ec2Simulator(setup);
    await new Promise<void>((resolve, reject) => {
      simulator.server.once('error', reject);
      simulator.server.listen(setup.port ?? 0, setup.host ?? '127.0.0.1', resolve);
    });
    simulator.events.start();
    return simulator;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    await this.events.stop();
    await this.metadata.close();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
    this.worlds.close();
  }

  setThrottling(name: ThrottlingName): void {
    this.throttling = name;
    this.throttles.clear();
  }

  get throttlingName(): ThrottlingName {
    return this.throttling;
  }

  // ---- one call ------------------------------------------------------------------------------------

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(request.url ?? '/', 'http://localhost');
    if (url === null) {
      // `//` and its like: no path that a URL can have.
      request.resume();
      const id = randomUUID();
      send(response, id, 400, [errorXml(id, 'InvalidRequest', 'The path of the request is no path of a URL')]);
      return;
    }
    let body: string;
    try {
      body = await readBody(request);
    } catch (error) {
      // The client went away in the middle of its request: nobody is left to answer.
      response.destroy(error instanceof Error ? error : undefined);
      return;
    }
    if (url.pathname.startsWith('/_sim')) {
      await this.control.serve(request.method ?? 'GET', url, body, response);
      return;
    }
    const service = serviceOf(request.headers.authorization);
    if (service === 'sts' || service === 'ssm') {
      const caller = callerOf(request.headers.authorization, null, service);
      const world = (): World => this.worlds.world(caller.accountId, caller.region);
      answerNeighbour(service, caller, world, request, body, response);
      return;
    }
    await this.serveCall(request, response, url, body);
  }

  private async serveCall(request: IncomingMessage, response: ServerResponse, url: URL, body: string): Promise<void> {
    const requestId = randomUUID();
    const startedAt = performance.now();
    const query = request.method === 'GET' ? url.search.slice(1) : body;
    let name = '-';
    let caller: Caller | null = null;
    let fault: CloudFault['effect'] | null = null;
    let outcome = 'OK';
    let status = 200;
    let parts: readonly ReadyPart[];
    try {
      const node = parseQuery(query);
      name = take(node, 'Action') ?? '';
      const version = take(node, 'Version');
      for (const part of signatureParts) node.children.delete(part);
      caller = callerOf(request.headers.authorization, url.searchParams);
      if (version !== null && version !== '2016-11-15')
        throw new Ec2Error('NoSuchVersion', `The requested version (${version}) of service AmazonEC2 does not exist`);
      fault = this.faults.next(
        name,
        () => query,
        () => this.faultRandom.next(),
      );
      if (fault?.kind === 'drop-request') {
        outcome = 'dropped';
        response.destroy();
        return;
      }
      parts = this.answer(name, node, requestId, caller, fault);
    } catch (error) {
      const refused = asEc2Error(error);
      outcome = refused.ec2Code;
      status = refused.httpStatus;
      parts = [errorXml(requestId, refused.ec2Code, refused.message)];
    } finally {
      this.journal.add({
        at: new Date(this.clock.nowMs()).toISOString(),
        accountId: caller?.accountId ?? '-',
        region: caller?.region ?? '-',
        action: name === '' ? '-' : name,
        outcome,
        durationMs: Math.round((performance.now() - startedAt) * 1000) / 1000,
        requestId,
        parameters: query,
      });
    }
    this.events.kick();
    if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, Number(fault.delayMs)));
    if (fault?.kind === 'drop-response') {
      response.destroy();
      return;
    }
    send(response, requestId, status, parts);
  }

  private answer(
    name: string,
    node: QueryNode,
    requestId: string,
    caller: Caller,
    fault: CloudFault['effect'] | null,
  ): readonly ReadyPart[] {
    const action = actions.get(name);
    if (!action) throw noSuchAction(name);
    const world = this.worlds.world(caller.accountId, caller.region);
    if (fault?.kind === 'throttle') throw requestLimitExceeded();
    if (fault?.kind === 'fail') throw new Ec2Error(fault.code, fault.message, fault.httpStatus);
    if (!this.throttlesOf(world).admit(name, action.rateOf(node), action.resources(node), this.clock.nowMs()))
      throw requestLimitExceeded();
    try {
      settle(world);
      return answerParts(name, requestId, action.handle(world, node, requestId));
    } finally {
      // Also after an error: time went on, and a failed launch has used its token.
      world.commit();
    }
  }

  private throttlesOf(world: World): {
    admit(action: string, rate: string, resources: number, nowMs: number): boolean;
  } {
    const key = `${world.accountId}/${world.region}`;
    let throttles = this.throttles.get(key);
    const preset = throttlingPresets[this.throttling];
    if (!throttles) this.throttles.set(key, (throttles = new Throttles({})));
    const known = throttles;
    return {
      admit(action, rate, resources, nowMs) {
        const options = preset(action, rate);
        // Reading everything at once has a bucket beside the action's other one.
        const bucket = rate === 'unfiltered' ? `${action} ${rate}` : action;
        return options === null || known.admitWith(bucket, options, resources, nowMs);
      },
    };
  }
}

function send(response: ServerResponse, requestId: string, status: number, parts: readonly ReadyPart[]): void {
  response.writeHead(status, {
    'content-type': 'text/xml;charset=UTF-8',
    'x-amzn-requestid': requestId,
    'content-length': parts.reduce((sum, part) => sum + part.length, 0),
  });
  response.cork();
  // Text goes out as it is, one byte a character: a buffer of megabytes would only call for the garbage collector.
  for (const part of parts) response.write(part, 'latin1');
  response.end();
  response.uncork();
}

/** What belongs to the signature or the wire, not to the action. */
const signatureParts = [
  'AWSAccessKeyId',
  'Signature',
  'SignatureMethod',
  'SignatureVersion',
  'SecurityToken',
  'Timestamp',
  'Expires',
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
  'X-Amz-Security-Token',
];

function take(node: QueryNode, name: string): string | null {
  const value = node.children.get(name)?.value ?? null;
  node.children.delete(name);
  return value;
}

function asEc2Error(error: unknown): Ec2Error {
  if (error instanceof Ec2Error) return error;
  // A defect of the simulator: EC2's own error code for internal errors, with the cause in the log.
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return new Ec2Error(
    'InternalError',
    `An internal error has occurred: ${error instanceof Error ? error.message : String(error)}`,
    500,
  );
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Ec2Error('RequestTooLarge', `The request is over ${bodyBytesMax} bytes`, 413);
    chunks.push(chunk);
  }
  const [only] = chunks;
  return chunks.length === 1 && only ? only.toString() : Buffer.concat(chunks).toString();
}
