// Manifests of Kubernetes as services and tasks: what each field becomes, and that nothing is left out silently.
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { Objection } from '../../../../cli/input/shapes/fields.ts';
import { ofKubernetes } from '../../../../cli/input/shapes/kubernetes.ts';
import { requestBody } from '../../../../lib/api/schemas/requests.ts';
import { serviceBody } from '../../../../lib/api/schemas/tasks/services.ts';

function read(text: string) {
  const objections: Objection[] = [];
  const shapes = ofKubernetes(parse(text), '', objections);
  return { shapes, objections: objections.map(({ path, message }) => `${path} ${message}`) };
}

const deployment = (spec: string, container: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default, labels: { app: web }, annotations: { owner: shop } }
spec:
  selector: { matchLabels: { app: web } }
${spec}
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 20
      imagePullSecrets: [{ name: ghcr }]
      nodeSelector: { kubernetes.io/arch: arm64, karpenter.sh/capacity-type: spot, kubernetes.io/os: linux }
      topologySpreadConstraints:
        - { maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {} }
        - { maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {} }
      containers:
        - name: web
          image: registry.example/web:1.4
          args: [--port, "8080"]
          env: [{ name: LEVEL, value: info }, { name: TOKEN, valueFrom: { secretKeyRef: { name: web, key: token } } }]
          resources: { requests: { cpu: 250m, memory: 100Mi }, limits: { memory: 128M } }
${container}
`;

const probed = `
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 5, initialDelaySeconds: 3 }
          livenessProbe: { httpGet: { path: /healthz, port: 8080 }, periodSeconds: 20 }
          startupProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 2, failureThreshold: 30 }
          lifecycle: { preStop: { exec: { command: [/leave] } } }`;

test('a Deployment becomes a service, field by field', () => {
  const { shapes, objections } = read(deployment('  replicas: 10\n  minReadySeconds: 4', probed));
  expect(objections).toEqual([]);
  expect(shapes).toEqual([
    {
      kind: 'service',
      name: 'web',
      body: {
        replicas: 10,
        template: {
          image: 'registry.example/web:1.4',
          args: ['--port', '8080'],
          env: { LEVEL: 'info' },
          imageCredentials: { secret: 'k8s:default/ghcr#.dockerconfigjson' },
          secrets: [{ name: 'TOKEN', from: 'k8s:default/web#token', as: 'file' }],
          resources: { vcpu: 0.25, memoryMib: 123 },
          ports: [{ name: 'http', container: 8080 }],
          health: {
            http: { port: 'http', path: '/healthz' },
            startPeriodSeconds: 60,
            // Of the probe that replaces.
            intervalSeconds: 20,
            timeoutSeconds: 1,
            healthyThreshold: 1,
            unhealthyThreshold: 3,
          },
          preStop: { command: ['/leave'] },
          requirements: { arch: ['arm64'], capacityType: ['spot'] },
          group: 'web',
          spread: [{ topology: 'zone', group: 'web', maxSkew: 1 }],
          graceSeconds: 20,
        },
        // A quarter, rounded as Kubernetes does.
        update: { maxSurge: 3, maxUnavailable: 2, minHealthySeconds: 4 },
      },
    },
  ]);
  expect(serviceBody.safeParse(shapes[0]?.body).error).toBeUndefined();
});

describe('the strategy of a Deployment', () => {
  const update = (spec: string) => (read(deployment(spec, '')).shapes[0]?.body as { update: unknown }).update;
  test.each([
    ['replicas: 1', { maxSurge: 1, maxUnavailable: 0 }],
    [
      'replicas: 4\n  strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 50% } }',
      { maxSurge: 1, maxUnavailable: 2 },
    ],
    [
      'replicas: 4\n  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }',
      { order: 'stop-first', maxUnavailable: 1 },
    ],
    ['replicas: 4\n  strategy: { type: Recreate }', { order: 'stop-first', maxUnavailable: 4 }],
  ])('%s', (spec, wanted) => expect(update(`  ${spec}`)).toEqual(wanted));
});

const job = (spec: string, pod = ''): string => `
apiVersion: batch/v1
kind: Job
metadata: { name: nightly, labels: { team: data } }
spec:
${spec}
  template:
    spec:
      restartPolicy: Never
${pod}
      containers:
        - { name: main, image: "python:3.13", command: [python], args: [-m, etl],
            resources: { requests: { cpu: 2, memory: 4Gi, nvidia.com/gpu: 1 } } }
`;

test('a Job becomes a request', () => {
  const { shapes, objections } = read(job('  completions: 20\n  backoffLimit: 2\n  activeDeadlineSeconds: 3600'));
  expect(objections).toEqual([]);
  expect(shapes[0]).toEqual({
    kind: 'task',
    name: 'nightly',
    body: {
      type: 'task',
      name: 'nightly',
      labels: { team: 'data' },
      image: 'python:3.13',
      command: ['python', '-m', 'etl'],
      resources: { vcpu: 2, memoryMib: 4096, gpu: 1 },
      count: 20,
      retries: 2,
      deadlineSeconds: 3600,
    },
  });
  expect(requestBody.safeParse(shapes[0]?.body).error).toBeUndefined();
});

test('a List holds several', () => {
  const items = [deployment('  replicas: 2', ''), job('  backoffLimit: 0')].map((one) => parse(one) as unknown);
  const { shapes, objections } = read(JSON.stringify({ apiVersion: 'v1', kind: 'List', metadata: {}, items }));
  expect([objections, shapes.map((one) => `${one.kind} ${one.name}`)]).toEqual([[], ['service web', 'task nightly']]);
});

describe('what has no counterpart is named with its path', () => {
  test.each([
    [deployment('  paused: true', ''), 'spec.paused has no counterpart: apply it when it shall roll out'],
    [
      deployment('', '          volumeMounts: [{ name: a, mountPath: /a }]'),
      'spec.template.spec.containers[0].volumeMounts has no counterpart in Bellows',
    ],
    [
      deployment('', '          securityContext: {}'),
      'spec.template.spec.containers[0].securityContext has no counterpart in Bellows',
    ],
    [
      deployment('', '          readinessProbe: { grpc: { port: 1 } }'),
      'spec.template.spec.containers[0].readinessProbe.httpGet or tcpSocket or exec is needed',
    ],
    [
      deployment('', '          imagePullPolicy: Always'),
      expect.stringMatching(
        /containers\[0\].imagePullPolicy has no counterpart: an image with such a tag is pulled as IfNot/,
      ),
    ],
    [
      job('  ttlSecondsAfterFinished: 60'),
      expect.stringMatching(/^spec.ttlSecondsAfterFinished has no counterpart: requests .* take it out$/),
    ],
    [
      job('  completions: 9\n  parallelism: 3'),
      'spec.parallelism has no counterpart below completions: limits of the pool say how much runs at once',
    ],
    [
      job('  completionMode: Indexed'),
      'spec.completionMode has no counterpart: a task finds its index in BELLOWS_TASK_INDEX',
    ],
    [job('', '      initContainers: [{ name: a }]'), 'spec.template.spec.initContainers has no counterpart in Bellows'],
    [job('', '      tolerations: [{ key: a }]'), 'spec.template.spec.tolerations has no counterpart in Bellows'],
    [
      job('', '      nodeSelector: { disk: ssd }'),
      'spec.template.spec.nodeSelector.disk has no counterpart in Bellows',
    ],
    [
      '{ apiVersion: batch/v1, kind: CronJob }',
      'kind batch/v1 CronJob has no counterpart in Bellows: only a Deployment of apps/v1 and a Job of batch/v1 do',
    ],
    [
      '{ apiVersion: apps/v1, kind: Deployment, metadata: { name: a, namespace: shop }, spec: {} }',
      'metadata.namespace has no counterpart: tenants and pools keep work apart',
    ],
  ])('%#', (text, objection) => expect(read(text).objections).toContainEqual(objection));

  test('a probe that only says when it is ready never replaces sooner than the one that does', () => {
    const probes = `
          ports: [{ name: http, containerPort: 80 }]
          readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 5, failureThreshold: 1 }
          livenessProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: 60, periodSeconds: 20, failureThreshold: 5 }`;
    expect((read(deployment('', probes)).shapes[0]?.body as { template: unknown }).template).toMatchObject({
      health: { startPeriodSeconds: 60, intervalSeconds: 20, unhealthyThreshold: 5 },
    });
  });

  test('also what is not of the kind that it has to be', () => {
    const wrong = job('').replace('memory: 4Gi', 'memory: plenty');
    expect(read(wrong).objections).toContain(
      'spec.template.spec.containers[0].resources.requests.memory "plenty" is no quantity',
    );
    expect(read('{ apiVersion: batch/v1, kind: Job, metadata: { name: a }, spec: 7 }').objections).toContain(
      'spec must be a mapping',
    );
  });
});
