// IMDS: what an instance may ask about itself, with version 2's tokens. One port serves all instances by a
// path prefix (`/i-…/latest/…`); SDKs, which know no prefix, get a port of their own per instance.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { instanceType } from '../../../../core/catalog/index.ts';
import { isAlive, presentOf } from '../../cloud/instances.ts';
import type { InstanceRecord } from '../../cloud/instances.ts';
import { formatAddress } from '../addresses.ts';
import { hostname, privateAddress, publicAddress } from '../families/instances/instance-wire.ts';
import { zoneIdOf } from '../families/networks/network.ts';
import { idKinds } from '../ids.ts';
import type { World } from '../world.ts';
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
      if (instance && isAlive(instance) && presentOf(instance).state === 'running') return { world, instance };
    }
    return null;
  }

  private answer(
    world: World,
    instance: InstanceRecord,
    path: string,
    request: IncomingMessage,
  ): { readonly status: number; readonly text: string; readonly headers?: Record<string, string> } {
    const options = world.specOf(instance)?.parameters.MetadataOptions;
    if (options?.HttpEndpoint === 'disabled') return { status: 403, text: 'Forbidden' };
    if (path === '/latest/api/token') return this.giveToken(instance, request);
    const token = request.headers['x-aws-ec2-metadata-token'];
    if (
      token === undefined ? (options?.HttpTokens ?? 'required') === 'required' : !this.isGood(String(token), instance)
    ) {
      return { status: 401, text: 'Unauthorized' };
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, text: 'Method Not Allowed' };
    const text = lookUp(world, instance, path.replace(/^\/(\d{4}-\d{2}-\d{2}|latest)\//, '').replace(/\/$/, ''));
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

/** null: there is nothing of that name. A name that others begin with lists them. */
function lookUp(world: World, instance: InstanceRecord, path: string): string | null {
  const entries = entriesOf(world, instance);
  const found = entries.get(path);
  if (found !== undefined) return found;
  const prefix = path === '' ? '' : `${path}/`;
  const names = new Set(
    [...entries.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => {
        const [next = ''] = name.slice(prefix.length).split('/');
        return name.slice(prefix.length).includes('/') ? `${next}/` : next;
      }),
  );
  return names.size > 0 ? [...names].sort().join('\n') : null;
}

function entriesOf(world: World, instance: InstanceRecord): ReadonlyMap<string, string> {
  const spec = world.specOf(instance);
  const { details } = instance;
  const entries = new Map<string, string>();
  const put = (name: string, value: string | null | undefined): void =>
    void (value === null || value === undefined || entries.set(name, value));
  const privateIp = privateAddress(instance);
  const publicIp = publicAddress(instance, spec, 'running');
  const host = hostname(world, instance);
  put('meta-data/ami-id', spec?.imageId);
  put('meta-data/ami-launch-index', String(instance.launchIndex));
  put('meta-data/hostname', host);
  put('meta-data/instance-action', 'none');
  put('meta-data/instance-id', instance.id);
  put('meta-data/instance-life-cycle', instance.capacityType);
  put('meta-data/instance-type', instance.instanceType);
  put('meta-data/local-hostname', host);
  put('meta-data/local-ipv4', privateIp);
  put('meta-data/placement/availability-zone', instance.zone);
  put('meta-data/placement/availability-zone-id', zoneIdOf(world, instance.zone));
  put('meta-data/placement/region', world.region);
  put('meta-data/public-ipv4', publicIp === null ? null : formatAddress(publicIp));
  put('meta-data/reservation-id', instance.reservationId);
  put(
    'meta-data/security-groups',
    details?.securityGroupIds.map((id) => world.securityGroups.get(id)?.name ?? id).join('\n'),
  );
  put('meta-data/services/domain', 'amazonaws.com');
  if (spec?.parameters.MetadataOptions?.InstanceMetadataTags === 'enabled') {
    for (const [key, value] of Object.entries(instance.tags)) put(`meta-data/tags/instance/${key}`, value);
  }
  if (instance.reclaimAtMs !== null) {
    const time = `${new Date(instance.reclaimAtMs).toISOString().slice(0, 19)}Z`;
    put('meta-data/spot/instance-action', JSON.stringify({ action: instance.onReclaim, time }));
    put('meta-data/spot/termination-time', instance.onReclaim === 'terminate' ? time : null);
  }
  if (instance.rebalanceAtMs !== null)
    put(
      'meta-data/events/recommendations/rebalance',
      JSON.stringify({ noticeTime: `${new Date(instance.rebalanceAtMs).toISOString().slice(0, 19)}Z` }),
    );
  const userData = details?.changed?.userData ?? spec?.parameters.UserData;
  put('user-data', userData === undefined ? null : Buffer.from(userData, 'base64').toString());
  put('dynamic/instance-identity/document', identityDocument(world, instance));
  return entries;
}

function identityDocument(world: World, instance: InstanceRecord): string {
  const document = {
    accountId: world.accountId,
    architecture: instanceType(instance.instanceType)?.arch === 'arm64' ? 'arm64' : 'x86_64',
    availabilityZone: instance.zone,
    imageId: world.specOf(instance)?.imageId ?? null,
    instanceId: instance.id,
    instanceType: instance.instanceType,
    pendingTime: `${new Date(instance.launchedAtMs).toISOString().slice(0, 19)}Z`,
    privateIp: privateAddress(instance),
    region: world.region,
    version: '2017-09-30',
  };
  return JSON.stringify(document, null, 2);
}
