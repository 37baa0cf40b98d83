// Of a pod of Kubernetes: its container, and where it may run.
import type { Fields } from './fields.ts';
import { largestOf } from './fields.ts';
import { cpusOf, memoryMibOf } from './quantities.ts';
import { compact, portName } from './shape.ts';

type Body = Readonly<Record<string, unknown>>;

export function containerOf(container: Fields): Body {
  container.passOver('name', 'terminationMessagePath', 'terminationMessagePolicy');
  const image = container.text('image');
  if (image === undefined) container.object('image', 'is needed');
  const command = container.texts('command');
  const args = container.texts('args');
  pullPolicy(container, image ?? '');
  const { env, secrets } = environmentOf(container);
  const ports = portsOf(container);
  const lifecycle = container.part('lifecycle');
  const preStop = lifecycle?.part('preStop')?.part('exec')?.texts('command');
  return compact({
    image,
    ...(command === undefined ? { args } : { command: [...command, ...(args ?? [])] }),
    env,
    secrets,
    resources: resourcesOf(container),
    ports,
    health: healthOf(container, ports),
    preStop: preStop === undefined ? undefined : { command: preStop },
  });
}

/** A node fetches what it does not have; what has no tag, or the tag latest, at every start. */
function pullPolicy(container: Fields, image: string): void {
  const isLatest = !/[:@][^/]+$/.test(image) || image.endsWith(':latest');
  const own = isLatest ? 'Always' : 'IfNotPresent';
  container.only('imagePullPolicy', [own], `has no counterpart: an image with such a tag is pulled as ${own} says`);
}

function environmentOf(container: Fields): { readonly env: Body; readonly secrets: readonly Body[] } {
  const env: Record<string, string> = {};
  const secrets: Body[] = [];
  for (const one of container.parts('env')) {
    const name = one.text('name') ?? '';
    const secret = one.part('valueFrom')?.part('secretKeyRef');
    if (secret === undefined) {
      const value = one.text('value') ?? '';
      if (/\$\([A-Za-z_]/.test(value)) one.object('value', 'has no counterpart: $(NAME) is not replaced');
      env[name] = value;
      continue;
    }
    secret.only('optional', [false], 'has no counterpart: a secret that is not there stops its task');
    const from = `k8s:default/${secret.text('name') ?? ''}#${secret.text('key') ?? ''}`;
    // Other namespaces are refused. A container is given secrets as files only.
    secrets.push({ name, from, as: 'file' });
  }
  return { env, secrets };
}

function resourcesOf(container: Fields): Body | undefined {
  const all = container.part('resources');
  const parts = [all?.part('requests'), all?.part('limits')];
  const largest = (key: string, of: (value: unknown) => number | undefined): number | undefined =>
    largestOf(
      of,
      parts.map((part) => [part, key] as const),
    );
  const vcpu = largest('cpu', cpusOf);
  const memoryMib = largest('memory', memoryMibOf);
  const gpu = largest('nvidia.com/gpu', cpusOf);
  if (vcpu === undefined) container.object('resources.requests.cpu', 'is needed: a task says what it takes');
  if (memoryMib === undefined) container.object('resources.limits.memory', 'is needed: a task says what it takes');
  return compact({ vcpu, memoryMib, gpu });
}

function portsOf(container: Fields): readonly Body[] {
  return container.parts('ports').map((one) => {
    const number = one.number('containerPort') ?? 0;
    one.only('protocol', ['TCP'], 'has no counterpart: ports are TCP');
    return compact({ name: portName(one.text('name'), number), container: number, port: one.number('hostPort') });
  });
}

/** The one that replaces comes first: its times count. */
const probes = ['livenessProbe', 'readinessProbe'] as const;

/**
 * Bellows has one check: whoever fails it is replaced, and is not ready meanwhile. Where both probes are there, they
 * must ask the same.
 */
function healthOf(container: Fields, ports: readonly Body[]): Body | undefined {
  const found = probes.flatMap((key) => {
    const probe = container.part(key);
    return probe === undefined ? [] : [{ key, ...probeOf(probe, ports) }];
  });
  const startup = container.part('startupProbe');
  const start = startup === undefined ? null : probeOf(startup, ports);
  const [first, second] = found;
  if (first === undefined) {
    if (startup !== undefined) container.object('startupProbe', 'has no counterpart without another probe');
    return undefined;
  }
  for (const [key, other] of [
    ['readinessProbe', second],
    ['startupProbe', start],
  ] as const)
    if (other && JSON.stringify(other.asks) !== JSON.stringify(first.asks))
      container.object(key, `must ask what the ${first.key} asks: a task has one check of its health`);
  const { asks, startPeriodSeconds = 0, ...times } = first;
  const { key: _key, ...own } = times;
  const starts =
    start === null ? 0 : (start.startPeriodSeconds ?? 0) + start.intervalSeconds * start.unhealthyThreshold;
  const delays = [startPeriodSeconds, starts, second?.startPeriodSeconds ?? 0];
  return compact({ ...asks, ...own, startPeriodSeconds: Math.max(...delays) });
}

interface Probe {
  readonly asks: Body;
  readonly startPeriodSeconds: number | undefined;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

function probeOf(probe: Fields, ports: readonly Body[]): Probe {
  const portOf = (part: Fields): string => {
    const value = part.take('port');
    const known = ports.find((one) => one['name'] === value || one['container'] === Number(value));
    if (!known) part.object('port', 'must be one of the ports of the container');
    return typeof known?.['name'] === 'string' ? known['name'] : '';
  };
  const http = probe.part('httpGet');
  http?.only('scheme', ['HTTP'], 'has no counterpart: checks are HTTP');
  const tcp = probe.part('tcpSocket');
  const command = probe.part('exec')?.texts('command');
  if (!http && !tcp && !command) probe.object('httpGet', 'or tcpSocket or exec is needed');
  return {
    asks: compact({
      http: http ? compact({ port: portOf(http), path: http.text('path') }) : undefined,
      tcp: tcp ? { port: portOf(tcp) } : undefined,
      command,
    }),
    startPeriodSeconds: probe.number('initialDelaySeconds'),
    intervalSeconds: probe.number('periodSeconds') ?? 10,
    timeoutSeconds: probe.number('timeoutSeconds') ?? 1,
    healthyThreshold: probe.number('successThreshold') ?? 1,
    unhealthyThreshold: probe.number('failureThreshold') ?? 3,
  };
}

const selectors: Readonly<Record<string, string>> = {
  'kubernetes.io/arch': 'arch',
  'topology.kubernetes.io/zone': 'zone',
  'node.kubernetes.io/instance-type': 'instanceType',
  'karpenter.sh/capacity-type': 'capacityType',
  'karpenter.k8s.aws/instance-family': 'instanceFamily',
};

export function requirementsOf(pod: Fields): Body {
  const selector = pod.part('nodeSelector');
  if (selector === undefined) return {};
  selector.only('kubernetes.io/os', ['linux'], 'must be linux');
  return Object.fromEntries(
    Object.entries(selectors).flatMap(([label, requirement]) => {
      const value = selector.text(label);
      return value === undefined ? [] : [[requirement, [value]]];
    }),
  );
}
