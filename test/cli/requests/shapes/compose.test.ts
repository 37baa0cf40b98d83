// Files of Compose as services: what each field becomes, and that nothing is left out silently.
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { ofCompose } from '../../../../cli/input/shapes/compose.ts';
import { envLines, interpolate } from '../../../../cli/input/shapes/interpolation.ts';
import type { Objection } from '../../../../cli/input/shapes/fields.ts';
import { serviceBody } from '../../../../lib/api/schemas/tasks/services.ts';

function read(text: string, variables: Readonly<Record<string, string>> = {}) {
  const objections: Objection[] = [];
  const file = { variables, read: (path: string) => `# of ${path}\nexport A="one # two"\nB=2 # two\n` };
  const shapes = ofCompose(parse(text, { merge: true }), '', file, objections);
  return { shapes, objections: objections.map(({ path, message }) => `${path} ${message}`) };
}

const sized = 'deploy: { resources: { limits: { cpus: "0.5", memory: 256M } } }';
const web = (more: string): string => `services:\n  web:\n    image: web:1\n    ${sized}\n    ${more}\n`;
/** What the fields come to, beside what the service has anyway. */
const templateOf = (more: string, variables?: Readonly<Record<string, string>>) => {
  const { shapes, objections } = read(web(more), variables);
  const { template } = shapes[0]?.body as { template: Record<string, unknown> };
  return { env: {}, ...template, objections };
};

test('a file as people write it', () => {
  const { shapes, objections } = read(
    `
version: "3.9"
name: shop
x-common: &common { environment: { LEVEL: "\${LEVEL:-info}", RETRIES: 3, SECRET_FREE: "a$$b" } }
services:
  storefront:
    <<: *common
    image: registry.example/storefront:\${TAG}
    command: serve --listen "0.0.0.0:8080"
    ports: ["8080", { target: 9090, published: 19090, protocol: tcp, mode: host, name: metrics }]
    expose: ["8080"]
    healthcheck: { test: [CMD, curl, -f, localhost:8080], interval: 1m30s, timeout: 5s, retries: 2, start_period: 10s }
    secrets: [token, { source: db, target: DB_PASSWORD }]
    stop_grace_period: 1m
    restart: unless-stopped
    platform: linux/arm64
    pre_stop: [{ command: nginx -s quit }]
    deploy:
      replicas: 4
      placement: { max_replicas_per_node: 2 }
      resources:
        limits: { cpus: "1.5", memory: 512M }
        reservations: { cpus: "0.25", memory: 128M, devices: [{ driver: nvidia, count: 1, capabilities: [gpu] }] }
      update_config: { parallelism: 2, order: start-first, failure_action: rollback, monitor: 15s }
      restart_policy: { condition: any }
secrets:
  token: { external: true, name: "ssm:/shop/token" }
  db: { external: true, name: "aws-secret:shop/db#password" }
`,
    { TAG: '3.1' },
  );
  expect(objections).toEqual([]);
  expect(shapes).toEqual([
    {
      kind: 'service',
      name: 'storefront',
      body: {
        replicas: 4,
        template: {
          image: 'registry.example/storefront:3.1',
          args: ['serve', '--listen', '0.0.0.0:8080'],
          env: { LEVEL: 'info', RETRIES: '3', SECRET_FREE: 'a$b' },
          secrets: [
            { name: 'token', from: 'ssm:/shop/token', as: 'file' },
            { name: 'DB_PASSWORD', from: 'aws-secret:shop/db#password', as: 'file' },
          ],
          resources: { vcpu: 1.5, memoryMib: 512, gpu: 1 },
          ports: [
            { name: 'port-8080', container: 8080 },
            { name: 'metrics', container: 9090, port: 19090 },
          ],
          health: {
            command: ['curl', '-f', 'localhost:8080'],
            intervalSeconds: 90,
            timeoutSeconds: 5,
            startPeriodSeconds: 10,
            unhealthyThreshold: 2,
          },
          preStop: { command: ['sh', '-c', 'nginx -s quit'] },
          requirements: { arch: ['arm64'] },
          group: 'storefront',
          spread: [{ topology: 'node', group: 'storefront', maxSkew: 2 }],
          graceSeconds: 60,
        },
        update: { order: 'start-first', maxSurge: 2, minHealthySeconds: 15, rollback: true },
      },
    },
  ]);
  expect(serviceBody.safeParse(shapes[0]?.body).error).toBeUndefined();
});

describe('fields in their several forms', () => {
  test('an entrypoint, with a command behind it', () => {
    expect(templateOf("entrypoint: [node, app]\n    command: ['--x', 'a b']")).toMatchObject({
      command: ['node', 'app', '--x', 'a b'],
    });
  });

  test('an environment as a list, from a file, and of this shell', () => {
    expect(templateOf('environment: [C=3, D=a=b, E]\n    env_file: web.env', { E: 'here' })).toMatchObject({
      env: { A: 'one # two', B: '2', C: '3', D: 'a=b', E: 'here' },
      objections: [],
    });
    expect(templateOf('environment: [E]').objections).toEqual([
      'services.web.environment.E has no value, and E is not set here',
    ]);
  });

  test('variables of this shell', () => {
    const env = (text: string, variables = {}) => templateOf(`environment: { X: "${text}" }`, variables).env;
    expect(env('$A-${A}', { A: '1' })).toEqual({ X: '1-1' });
    expect([env('${A:-b}', { A: '' }), env('${A-b}', { A: '' }), env('${A:+c}', { A: '1' })]).toEqual([
      { X: 'b' },
      { X: '' },
      { X: 'c' },
    ]);
    expect(templateOf('environment: { X: "${A:?say A}" }').objections).toEqual([
      'services.web.environment.X A is not set: say A; export it',
    ]);
  });

  test.each([
    ['${TAG:-${X:-y}}', { TAG: '1' }, '1'],
    ['${TAG:-${X:-y}}', {}, 'y'],
    ['${URL:-${HOST:-db}:5432}/shop', {}, 'db:5432/shop'],
    ['costs $$5 or 5$', {}, 'costs $5 or 5$'],
  ])('%s with %j', (text, variables, value) =>
    expect(interpolate(text, variables, () => expect(text).toBe('complete'))).toBe(value),
  );

  test('what is no variable, nor closed, nor of this shell is named', () => {
    const named = (text: string): string[] => {
      const all: string[] = [];
      interpolate(text, {}, (one) => all.push(one));
      return all;
    };
    expect([named('${constructor}'), named('${A'), named('${1}')]).toEqual([
      ['constructor is not set; export it'],
      ['${A is no variable'],
      ['${1} is no variable'],
    ]);
  });

  test('lines of an env file', () => {
    const lines = ['A="x \\"y\\"\\n z" # c', "B='$A # b'", 'C=${H:-db} # d', 'export D=', '# E=1', 'no line'].join(
      '\n',
    );
    const wrong: string[] = [];
    expect([...envLines(lines.replaceAll('\\\\', '\\'), {}, (one) => wrong.push(one))]).toEqual([
      ['A', 'x "y"\n z'],
      ['B', '$A # b'],
      ['C', 'db'],
      ['D', ''],
    ]);
    expect(wrong).toEqual(['line 6 is not NAME=VALUE']);
  });

  test('a check that is a text, and one that is none', () => {
    expect(templateOf('healthcheck: { test: curl -f localhost }')).toMatchObject({
      health: { command: ['/bin/sh', '-c', 'curl -f localhost'], intervalSeconds: 30, unhealthyThreshold: 3 },
    });
    expect(templateOf('healthcheck: { test: [NONE] }')).toMatchObject({ objections: [] });
    expect(templateOf('healthcheck: { disable: true }')).not.toHaveProperty('health');
  });

  test('an update without an order stops the old one first, as Swarm does', () => {
    const update = read(web('scale: 3').replace('deploy: {', 'deploy: { update_config: { parallelism: 2 }, '))
      .shapes[0];
    expect(update?.body).toMatchObject({
      replicas: 3,
      update: { order: 'stop-first', maxUnavailable: 2, rollback: false },
    });
  });
});

describe('what has no counterpart is named with its path', () => {
  test.each([
    ['volumes: ["data:/data"]', 'services.web.volumes has no counterpart in Bellows'],
    ['depends_on: [db]', 'services.web.depends_on has no counterpart in Bellows'],
    ['networks: [front]', 'services.web.networks has no counterpart in Bellows'],
    [
      'restart: on-failure',
      expect.stringMatching(/^services.web.restart has no counterpart: a replica that ends is replaced/),
    ],
    [
      'ports: ["53:53/udp"]',
      'services.web.ports[0] "53:53/udp" has no counterpart: say PORT or PUBLISHED:PORT, of TCP',
    ],
    ['ports: [{ target: 80, host_ip: 1.2.3.4 }]', 'services.web.ports[0].host_ip has no counterpart in Bellows'],
    ['secrets: [other]', 'services.web.secrets[0] other is not among the secrets of the file'],
    ['stop_signal: SIGINT', 'services.web.stop_signal must be SIGTERM'],
    [
      'healthcheck: { test: curl localhost, start_interval: 1s }',
      'services.web.healthcheck.start_interval has no counterpart in Bellows',
    ],
    ['command: "a \'b"', 'services.web.command must be a list that is not empty, or a text whose quotes are closed'],
    [
      'environment: { discovery.type: single-node }',
      expect.stringMatching(/environment.discovery.type has no counterpart/),
    ],
    ['environment: "A=B"', 'services.web.environment must be a mapping, or a list of NAME=VALUE'],
    ['ports: [{ target: 80, published: 8000-8010 }]', 'services.web.ports[0].published must be the number of a port'],
    ['ports: [{ published: 80 }]', 'services.web.ports[0].target must be the number of a port'],
    ['ports: ["80:80", "8080:80"]', 'services.web.ports may have each port of the container once'],
    ['entrypoint: []', expect.stringMatching(/entrypoint must be a list that is not empty/)],
    ['x-note: anything', undefined],
  ])('%s', (more, objection) =>
    expect(templateOf(more).objections).toEqual(objection === undefined ? [] : [objection]),
  );

  test('what the file says beside its services', () => {
    const { objections } = read(`${web('scale: 1')}volumes: { data: {} }\nsecrets: { a: { file: ./a } }\n`);
    expect(objections).toEqual([
      expect.stringMatching(/^secrets.a.name must be STORE:PLACE of an external secret/),
      'volumes has no counterpart in Bellows',
    ]);
  });

  test('a service that does not say what it takes', () => {
    expect(read('services: { a: { build: . } }').objections).toEqual([
      'services.a.image is needed: Bellows builds none',
      'services.a.deploy.resources.limits.cpus is needed: a service says what it takes',
      'services.a.deploy.resources.limits.memory is needed: a service says what it takes',
      'services.a.build has no counterpart in Bellows',
    ]);
  });
});
