// Of a service of Compose: what it takes, what it listens on, how it is checked and changed.
import type { Fields } from './fields.ts';
import { largestOf } from './fields.ts';
import { byteMibOf, cpusOf } from './quantities.ts';
import { compact, portName } from './shape.ts';

type Body = Readonly<Record<string, unknown>>;

export function resourcesOf(service: Fields, deploy: Fields | undefined): Body {
  const all = deploy?.part('resources');
  const [limits, reservations] = [all?.part('limits'), all?.part('reservations')];
  const vcpu = largestOf(cpusOf, [
    [limits, 'cpus'],
    [reservations, 'cpus'],
    [service, 'cpus'],
  ]);
  const memoryMib = largestOf(byteMibOf, [
    [limits, 'memory'],
    [reservations, 'memory'],
    [service, 'mem_limit'],
    [service, 'mem_reservation'],
  ]);
  const needed = 'is needed: a service says what it takes';
  if (vcpu === undefined) service.object('deploy.resources.limits.cpus', needed);
  if (memoryMib === undefined) service.object('deploy.resources.limits.memory', needed);
  return compact({ vcpu, memoryMib, gpu: gpusOf(reservations) });
}

function gpusOf(reservations: Fields | undefined): number | undefined {
  const [device, ...more] = reservations?.parts('devices') ?? [];
  if (device === undefined) return undefined;
  if (more.length > 0) reservations?.object('devices', 'may be one kind');
  device.only('driver', ['nvidia'], 'must be nvidia');
  if (!device.list('capabilities').includes('gpu')) device.object('capabilities', 'must be [gpu]');
  const count = device.number('count');
  if (count === undefined) device.object('count', 'is needed, as a number');
  return count;
}

/** `8080`, `80:8080`, or `{target, published, name}`. Without a published one a free port of the node is chosen. */
export function portsOf(service: Fields): readonly Body[] {
  const ports = service.list('ports').flatMap((one, at) => portOf(service, one, `ports[${String(at)}]`));
  const exposed = service.list('expose').flatMap((one, at) => portOf(service, String(one), `expose[${String(at)}]`));
  const known = new Set(ports.map((one) => one['container']));
  if (known.size < ports.length) service.object('ports', 'may have each port of the container once');
  return [...ports, ...exposed.filter((one) => !known.has(one['container']))];
}

function portOf(service: Fields, value: unknown, path: string): readonly Body[] {
  if (typeof value !== 'object' || value === null) {
    const [, published, target] = /^(?:(\d+):)?(\d+)(?:\/tcp)?$/.exec(String(value)) ?? [];
    if (target === undefined) {
      service.object(path, `${JSON.stringify(value)} has no counterpart: say PORT or PUBLISHED:PORT, of TCP`);
      return [];
    }
    const [container, port] = [Number(target), published === undefined ? undefined : Number(published)];
    return [compact({ name: portName(undefined, container), container, port })];
  }
  const long = value as Body;
  const known = ['target', 'published', 'protocol', 'mode', 'name'];
  for (const key of Object.keys(long))
    if (!known.includes(key)) service.object(`${path}.${key}`, 'has no counterpart in Bellows');
  if (long['protocol'] !== undefined && long['protocol'] !== 'tcp') service.object(`${path}.protocol`, 'must be tcp');
  if (long['mode'] !== undefined && long['mode'] !== 'host')
    service.object(`${path}.mode`, 'must be host: a port is one of the node that carries the replica');
  const container = Number(long['target']);
  for (const key of ['target', 'published'])
    if (long[key] === undefined ? key === 'target' : !/^\d+$/.test(JSON.stringify(long[key]).replaceAll('"', ''))) {
      service.object(`${path}.${key}`, 'must be the number of a port');
      return [];
    }
  const name = typeof long['name'] === 'string' ? long['name'] : undefined;
  const port = long['published'] === undefined ? undefined : Number(long['published']);
  return [compact({ name: portName(name, container), container, port })];
}

export function healthOf(service: Fields): Body | undefined {
  const check = service.part('healthcheck');
  if (check === undefined) return undefined;
  const test = check.take('test');
  const isOff = check.flag('disable') === true || (Array.isArray(test) && test[0] === 'NONE');
  const command = commandOf(test);
  if (command === undefined && !isOff)
    check.object('test', 'must be a text, or a list that begins with CMD or CMD-SHELL');
  const [interval, timeout, start] = ['interval', 'timeout', 'start_period'].map((key) => check.seconds(key));
  const retries = check.number('retries');
  if (isOff) return undefined;
  return compact({
    command,
    intervalSeconds: interval ?? 30,
    timeoutSeconds: timeout ?? 30,
    startPeriodSeconds: start,
    unhealthyThreshold: retries ?? 3,
  });
}

function commandOf(test: unknown): readonly string[] | undefined {
  if (typeof test === 'string') return ['/bin/sh', '-c', test];
  if (!Array.isArray(test)) return undefined;
  const [kind, ...rest] = test.map(String);
  if (kind === 'CMD') return rest;
  return kind === 'CMD-SHELL' ? ['/bin/sh', '-c', rest.join(' ')] : undefined;
}

/** As Swarm has it: one at a time and the old one first, unless the file says otherwise. */
export function updateOf(deploy: Fields | undefined): Body {
  const update = deploy?.part('update_config');
  if (update === undefined) return {};
  const order = update.text('order') ?? 'stop-first';
  if (order !== 'stop-first' && order !== 'start-first') update.object('order', 'must be stop-first or start-first');
  const atOnce = update.number('parallelism') ?? 1;
  if (atOnce < 1) update.object('parallelism', 'must be at least 1');
  update.only('delay', ['0s', 0], 'has no counterpart: say monitor, for how long a new one has to be healthy');
  update.only('failure_action', ['rollback', 'pause'], 'must be rollback or pause');
  const isRolledBack = update.take('failure_action') === 'rollback';
  update.only('max_failure_ratio', [0], 'has no counterpart');
  return compact({
    order,
    ...(order === 'start-first' ? { maxSurge: atOnce } : { maxUnavailable: atOnce }),
    minHealthySeconds: update.seconds('monitor'),
    rollback: isRolledBack,
  });
}
