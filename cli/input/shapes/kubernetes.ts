// Manifests of Kubernetes: a Deployment becomes a service, a Job a request of tasks (docs/kubernetes.md says what
// becomes of each field).
import { Fields } from './fields.ts';
import type { Objection } from './fields.ts';
import { containerOf, requirementsOf } from './kubernetes-pod.ts';
import { compact } from './shape.ts';
import type { Shape } from './shape.ts';

/** Documents of the kind List hold others. @returns what they come to; `objections` has what has no counterpart */
export function ofKubernetes(value: unknown, path: string, objections: Objection[]): readonly Shape[] {
  const fields = new Fields(value, path, objections);
  const kind = `${fields.text('apiVersion') ?? ''} ${fields.text('kind') ?? ''}`;
  if (kind === 'v1 List') {
    fields.passOver('metadata');
    const items = fields.list('items');
    fields.end();
    return items.flatMap((one, at) => ofKubernetes(one, fields.at(`items[${String(at)}]`), objections));
  }
  const shape = kind === 'apps/v1 Deployment' ? deployment(fields) : kind === 'batch/v1 Job' ? job(fields) : null;
  if (shape === null) {
    const cure = 'only a Deployment of apps/v1 and a Job of batch/v1 do';
    objections.push({ path: fields.at('kind'), message: `${kind} has no counterpart in Bellows: ${cure}` });
    return [];
  }
  fields.passOver('status');
  fields.end();
  return [shape];
}

interface Metadata {
  readonly name: string;
  readonly labels: Readonly<Record<string, unknown>>;
}

function metadataOf(fields: Fields): Metadata {
  const metadata = fields.part('metadata');
  const name = metadata?.text('name');
  if (name === undefined) fields.object('metadata.name', 'is needed');
  metadata?.only('namespace', ['default'], 'has no counterpart: tenants and pools keep work apart');
  // Notes for people and programs: nothing here is decided by them.
  metadata?.passOver('annotations', 'creationTimestamp', 'generation', 'resourceVersion', 'uid', 'managedFields');
  const labels = metadata?.part('labels');
  return { name: name ?? '', labels: Object.fromEntries(labels?.keys().map((key) => [key, labels.text(key)]) ?? []) };
}

/** A pod's template: the task that it is, and what its pod says of it. */
function templateOf(spec: Fields, name: string): { readonly task: Readonly<Record<string, unknown>>; pod: Fields } {
  const template = spec.part('template');
  template?.part('metadata')?.passOver('labels', 'annotations', 'name', 'creationTimestamp');
  const pod = template?.part('spec');
  if (!pod) {
    spec.object('template.spec', 'is needed');
    return { task: {}, pod: spec };
  }
  const [container, ...more] = pod.parts('containers');
  if (!container || more.length > 0) pod.object('containers', 'must be one: a task is one container');
  pod.only('dnsPolicy', ['ClusterFirst', 'Default'], 'has no counterpart');
  pod.only('schedulerName', ['default-scheduler'], 'has no counterpart');
  pod.only('hostNetwork', [false], 'has no counterpart');
  const grace = pod.number('terminationGracePeriodSeconds');
  return {
    task: compact({
      ...(container ? containerOf(container) : {}),
      imageCredentials: pullSecretOf(pod),
      requirements: requirementsOf(pod),
      ...spreadOf(pod, name),
      graceSeconds: grace,
    }),
    pod,
  };
}

/** Of the type kubernetes.io/dockerconfigjson. */
function pullSecretOf(pod: Fields): Readonly<Record<string, unknown>> | undefined {
  const [first, ...more] = pod.parts('imagePullSecrets').map((one) => one.text('name') ?? '');
  if (more.length > 0) pod.object('imagePullSecrets', 'must be one: a task has one image');
  return first === undefined ? undefined : { secret: `k8s:default/${first}#.dockerconfigjson` };
}

/** A hard one is a relation of the template; a soft one is what services do by themselves. */
function spreadOf(pod: Fields, name: string): Readonly<Record<string, unknown>> {
  const topologies: Readonly<Record<string, string>> = {
    'kubernetes.io/hostname': 'node',
    'topology.kubernetes.io/zone': 'zone',
  };
  const spread = pod.parts('topologySpreadConstraints').flatMap((one) => {
    const topology = topologies[one.text('topologyKey') ?? ''];
    if (topology === undefined) one.object('topologyKey', `must be one of ${Object.keys(topologies).join(', ')}`);
    const maxSkew = one.number('maxSkew') ?? 1;
    const isHard = (one.text('whenUnsatisfiable') ?? 'DoNotSchedule') === 'DoNotSchedule';
    // It counts the pods of this template: ours are counted by a group of the same name.
    one.passOver('labelSelector');
    return isHard && topology !== undefined ? [{ topology, group: name, maxSkew }] : [];
  });
  return spread.length === 0 ? {} : { group: name, spread };
}

function deployment(fields: Fields): Shape {
  const { name } = metadataOf(fields);
  const spec = fields.part('spec');
  if (!spec) {
    fields.object('spec', 'is needed');
    return { kind: 'service', name, body: {} };
  }
  const replicas = spec.number('replicas') ?? 1;
  spec.passOver('selector', 'revisionHistoryLimit');
  spec.only('paused', [false], 'has no counterpart: apply it when it shall roll out');
  const { task, pod } = templateOf(spec, name);
  pod.only('restartPolicy', ['Always'], 'must be Always: replicas of a service are always kept alive');
  const { graceSeconds, ...template } = task;
  const body = {
    replicas,
    template: compact({ ...template, graceSeconds: graceSeconds ?? 30 }),
    update: compact({
      ...strategyOf(spec, replicas),
      minHealthySeconds: spec.number('minReadySeconds'),
      progressSeconds: spec.number('progressDeadlineSeconds'),
    }),
  };
  return { kind: 'service', name, body };
}

/** The defaults of Kubernetes are a quarter each: of what may be missing rounded down, of what may be more up. */
function strategyOf(spec: Fields, replicas: number): Readonly<Record<string, unknown>> {
  const strategy = spec.part('strategy');
  const type = strategy?.text('type') ?? 'RollingUpdate';
  if (type === 'Recreate') return { order: 'stop-first', maxUnavailable: Math.max(1, replicas) };
  if (type !== 'RollingUpdate') strategy?.object('type', 'must be RollingUpdate or Recreate');
  const rolling = strategy?.part('rollingUpdate');
  const partOf = (key: string, round: (value: number) => number): number => {
    const value = rolling?.take(key) ?? '25%';
    const [, percent] = typeof value === 'string' ? (/^(\d+)%$/.exec(value) ?? []) : [];
    if (percent !== undefined) return round((replicas * Number(percent)) / 100);
    if (typeof value === 'number') return value;
    rolling?.object(key, 'must be a number or a percentage');
    return 0;
  };
  const maxSurge = partOf('maxSurge', Math.ceil);
  const maxUnavailable = partOf('maxUnavailable', Math.floor);
  // With no surge an old one has to go before a new one comes.
  if (maxSurge === 0) return { order: 'stop-first', maxUnavailable: Math.max(1, maxUnavailable) };
  return { maxSurge, maxUnavailable };
}

function job(fields: Fields): Shape {
  const { name, labels } = metadataOf(fields);
  const spec = fields.part('spec');
  if (!spec) {
    fields.object('spec', 'is needed');
    return { kind: 'task', name, body: {} };
  }
  const count = spec.number('completions') ?? spec.number('parallelism') ?? 1;
  const parallelism = spec.number('parallelism');
  if (spec.has('completions') && parallelism !== undefined && parallelism < count)
    spec.object('parallelism', `has no counterpart below completions: limits of the pool say how much runs at once`);
  spec.only('completionMode', ['NonIndexed'], 'has no counterpart: a task finds its index in BELLOWS_TASK_INDEX');
  spec.only(
    'ttlSecondsAfterFinished',
    [],
    'has no counterpart: requests that have ended are kept for a week; take it out',
  );
  spec.only('suspend', [false], 'has no counterpart');
  spec.only('manualSelector', [false], 'has no counterpart');
  const retries = spec.number('backoffLimit') ?? 6;
  const deadline = spec.number('activeDeadlineSeconds');
  spec.passOver('selector');
  const { task, pod } = templateOf(spec, name);
  pod.only('restartPolicy', ['Never', 'OnFailure'], 'must be Never or OnFailure, as in a Job of Kubernetes');
  const { graceSeconds, ports, health, ...rest } = task;
  if (ports !== undefined) fields.object('spec.template.spec.containers[0].ports', 'has no counterpart in a Job');
  if (health !== undefined) fields.object('spec.template.spec.containers[0]', 'has probes: tasks of a Job have none');
  const disruption = graceSeconds === undefined ? undefined : { mode: 'never', graceSeconds };
  const body = compact({ type: 'task', name, labels, ...rest, count, retries, deadlineSeconds: deadline, disruption });
  return { kind: 'task', name, body };
}
