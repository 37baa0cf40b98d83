// IMDS: what an instance may ask about itself, with version 2's tokens. One port serves all instances by a
// path prefix (`/i-…/latest/…`); SDKs, which know no prefix, get a port of their own per instance.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { presentOf } from '../../cloud/instances.ts';
import type { InstanceRecord } from '../../cloud/instances.ts';
import { metadataOptionsOf } from '../families/instances/instance-wire.ts';
import { idKinds } from '../ids.ts';
import type { World } from '../world.ts';
import { metadataAt } from './metadata-entries.ts';
import type { Worlds } from './worlds.ts';

const tokenSecondsMax = 21_600;

export class MetadataService {
  private readonly worlds: Worlds;
  private readonly nowMs: () => number;
  private readonly servers = new Map<string, Server>();
  /** By token: whose it is and until when it holds. */
  private readonly tokens = new Map<string, { readonly instanceId: string; readonly untilMs: number }>();

  constructor(worlds: Worlds, nowMs: () => number) {
    this.worlds = worlds;
    this.nowMs = nowMs;
  }

  /** The shared port, for paths that begin with an instance's id. Answers its base URL. */
  async listen(port: number, host = '127.0.0.1'): Promise<string> {
    return this.open('shared', port, host, (request, response) => {
      const [, instanceId = '', rest = ''] = /^\/(i-[0-9a-f]+)(\/.*)$/.exec(request.url ?? '') ?? [];
      this.serve(instanceId, rest, request, response);
    });
  }

  /** A port of its own for one instance, as SDKs and agents need it (AWS_EC2_METADATA_SERVICE_ENDPOINT). */
  async listenFor(world: World, instanceId: string): Promise<string> {
    if (!world.cloud.record(instanceId)) throw idKinds.instance.notFound([instanceId]);
    const known = this.servers.get(instanceId);
    if (known) return baseUrl(known);
    return this.open(instanceId, 0, '127.0.0.1', (request, response) =>
      this.serve(instanceId, request.url ?? '/', request, response),
    );
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.servers.values()].map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      ),
    );
    this.servers.clear();
  }

  private async open(
    name: string,
    port: number,
    host: string,
    handler: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<string> {
    const server = createServer(handler);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    server.unref();
    this.servers.set(name, server);
    return baseUrl(server);
  }

  private serve(instanceId: string, path: string, request: IncomingMessage, response: ServerResponse): void {
    const found = this.find(instanceId);
    const answer = found ? this.answer(found.world, found.instance, path, request) : { status: 404, text: '' };
    response.writeHead(answer.status, { 'content-type': 'text/plain', server: 'EC2ws', ...answer.headers });
    response.end(answer.text);
  }

  private find(instanceId: string): { readonly world: World; readonly instance: InstanceRecord } | null {
    for (const world of this.worlds.all()) {
      const instance = world.cloud.record(instanceId);
      // A machine that is not up cannot ask.
      if (instance && presentOf(instance).state === 'running') return { world, instance };
    }
    return null;
  }

  private answer(
    world: World,
    instance: InstanceRecord,
    path: string,
    request: IncomingMessage,
  ): { readonly status: number; readonly text: string; readonly headers?: Record<string, string> } {
    const options = metadataOptionsOf(world, instance);
    if (options.httpEndpoint === 'disabled') return { status: 403, text: 'Forbidden' };
    if (path === '/latest/api/token') return this.giveToken(instance, request);
    const token = request.headers['x-aws-ec2-metadata-token'];
    if (token === undefined ? options.httpTokens === 'required' : !this.isGood(String(token), instance)) {
      return { status: 401, text: 'Unauthorized' };
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, text: 'Method Not Allowed' };
    const text = metadataAt(world, instance, path);
    return text === null ? { status: 404, text: 'Not Found' } : { status: 200, text };
  }

  private giveToken(
    instance: InstanceRecord,
    request: IncomingMessage,
  ): { readonly status: number; readonly text: string; readonly headers?: Record<string, string> } {
    if (request.method !== 'PUT') return { status: 405, text: 'Method Not Allowed' };
    if (request.headers['x-forwarded-for'] !== undefined) return { status: 403, text: 'Forbidden' };
    const seconds = Number(request.headers['x-aws-ec2-metadata-token-ttl-seconds']);
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > tokenSecondsMax)
      return { status: 400, text: 'Bad Request' };
    for (const [known, { untilMs }] of this.tokens) if (untilMs < this.nowMs()) this.tokens.delete(known);
    const token = `${randomBytes(40).toString('base64url')}==`;
    this.tokens.set(token, { instanceId: instance.id, untilMs: this.nowMs() + seconds * 1000 });
    return { status: 200, text: token, headers: { 'x-aws-ec2-metadata-token-ttl-seconds': String(seconds) } };
  }

  private isGood(token: string, instance: InstanceRecord): boolean {
    const known = this.tokens.get(token);
    return known !== undefined && known.instanceId === instance.id && known.untilMs >= this.nowMs();
  }
}

function baseUrl(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
