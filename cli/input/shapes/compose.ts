// Files of Compose: each service becomes a service (docs/compose.md says what becomes of each field).
import { ownValue } from '../../../lib/core/values/dictionary.ts';
import { Fields } from './fields.ts';
import type { Objection } from './fields.ts';
import { healthOf, portsOf, resourcesOf, updateOf } from './compose-service.ts';
import { envLines, interpolate } from './interpolation.ts';
import type { Variables } from './interpolation.ts';
import { wordsOf } from './quantities.ts';
import { compact } from './shape.ts';
import type { Shape } from './shape.ts';

export interface ComposeFile {
  /** Variables that `${NAME}` is replaced from. */
  readonly variables: Variables;
  /** The text of a file that the Compose file names, by its path from there. */
  readonly read: (path: string) => string;
}

type Body = Readonly<Record<string, unknown>>;

export function ofCompose(value: unknown, path: string, file: ComposeFile, objections: Objection[]): readonly Shape[] {
  const fields = new Fields(interpolated(value, path, file, objections), path, objections);
  // Obsolete, and of no consequence in Compose either; and the project's name, which names nothing here.
  fields.passOver('version', 'name');
  const secrets = new Map(fields.named('secrets').map(([name, one]) => [name, secretFrom(one, name)]));
  const shapes = fields.named('services').map(([name, service]): Shape => {
    const body = serviceOf(service, name, secrets, file);
    return { kind: 'service', name, body };
  });
  if (shapes.length === 0) fields.object('services', 'has no service');
  fields.end();
  return shapes;
}

/** `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `$$`, wherever a text is. */
function interpolated(value: unknown, path: string, file: ComposeFile, objections: Objection[]): unknown {
  if (Array.isArray(value))
    return value.map((one, at) => interpolated(one, `${path}[${String(at)}]`, file, objections));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [
        key,
        interpolated(one, path === '' ? key : `${path}.${key}`, file, objections),
      ]),
    );
  if (typeof value !== 'string') return value;
  return interpolate(value, file.variables, (message) => objections.push({ path, message }));
}

/** Only what a store has: a file of this machine is not on the nodes. */
function secretFrom(secret: Fields, name: string): string | null {
  const isExternal = secret.flag('external') === true;
  const from = secret.text('name') ?? name;
  if (isExternal && /^[a-z0-9-]+:/.test(from)) return from;
  secret.passOver('file', 'environment');
  secret.object(
    'name',
    'must be STORE:PLACE of an external secret, e.g. {external: true, name: "ssm:/shop/token"} (docs/secrets.md)',
  );
  return null;
}

function serviceOf(
  service: Fields,
  name: string,
  secrets: ReadonlyMap<string, string | null>,
  file: ComposeFile,
): Body {
  const image = service.text('image');
  if (image === undefined) service.object('image', 'is needed: Bellows builds none');
  const entrypoint = argvOf(service, 'entrypoint');
  const command = argvOf(service, 'command');
  const deploy = service.part('deploy');
  deploy?.only('mode', ['replicated'], 'must be replicated');
  restartOf(service, deploy);
  const replicas = deploy?.number('replicas') ?? service.number('scale');
  const grace = service.seconds('stop_grace_period');
  service.only('stop_signal', ['SIGTERM', 'TERM'], 'must be SIGTERM');
  service.only(
    'pull_policy',
    ['missing', 'if_not_present'],
    'has no counterpart: a node fetches what it does not have',
  );
  const ports = portsOf(service);
  return compact({
    replicas,
    template: compact({
      image,
      ...(entrypoint === undefined ? { args: command } : { command: [...entrypoint, ...(command ?? [])] }),
      env: environmentOf(service, file),
      secrets: secretsOf(service, secrets),
      resources: resourcesOf(service, deploy),
      ports,
      health: healthOf(service),
      preStop: preStopOf(service),
      requirements: platformOf(service),
      ...apartOf(deploy, name),
      graceSeconds: grace ?? 10,
    }),
    update: updateOf(deploy),
  });
}

/** A list, or a text that is split as a shell would. */
function argvOf(service: Fields, key: string): readonly string[] | undefined {
  const value = service.take(key);
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.length > 0) return value.map(String);
  const words = typeof value === 'string' ? wordsOf(value) : undefined;
  if (words === undefined) service.object(key, 'must be a list that is not empty, or a text whose quotes are closed');
  return words;
}

/** Replicas are always kept alive. */
function restartOf(service: Fields, deploy: Fields | undefined): void {
  const always = 'has no counterpart: a replica that ends is replaced; a task that ends is a request (./bellows run)';
  service.only('restart', ['always', 'unless-stopped'], always);
  deploy?.part('restart_policy')?.only('condition', ['any'], always);
}

function environmentOf(service: Fields, file: ComposeFile): Body {
  const env: Record<string, string> = {};
  const given = service.take('env_file');
  const paths = given === undefined ? [] : Array.isArray(given) ? given : [given];
  for (const path of paths) {
    if (typeof path !== 'string') service.object('env_file', 'must be paths');
    else
      for (const [key, value] of envLines(file.read(path), file.variables, (line) =>
        service.object('env_file', `${path}: ${line}`),
      ))
        env[key] = value;
  }
  const own = service.take('environment');
  if (own !== undefined && (typeof own !== 'object' || own === null)) {
    service.object('environment', 'must be a mapping, or a list of NAME=VALUE');
    return env;
  }
  const pairs = Array.isArray(own)
    ? own.map((one): [string, unknown] => {
        const [, key = String(one), value] = /^([^=]*)=(.*)$/s.exec(String(one)) ?? [];
        return [key, value];
      })
    : Object.entries((own ?? {}) as Body);
  for (const [key, value] of pairs) {
    const text = value ?? ownValue(file.variables, key);
    if (!/^[A-Za-z_]\w*$/.test(key))
      service.object(`environment.${key}`, 'has no counterpart: a name has letters, digits and "_", no digit first');
    else if (text === undefined) service.object(`environment.${key}`, `has no value, and ${key} is not set here`);
    else env[key] = typeof text === 'string' ? text : JSON.stringify(text);
  }
  return env;
}

function secretsOf(service: Fields, known: ReadonlyMap<string, string | null>): readonly Body[] {
  return service.list('secrets').flatMap((one, at) => {
    const path = `secrets[${String(at)}]`;
    const long = typeof one === 'object' ? new Map(Object.entries((one ?? {}) as Body)) : new Map([['source', one]]);
    for (const key of long.keys())
      if (key !== 'source' && key !== 'target') service.object(`${path}.${key}`, 'has no counterpart in Bellows');
    const textAt = (key: string): string | undefined => {
      const value = long.get(key);
      return typeof value === 'string' ? value : undefined;
    };
    const source = textAt('source') ?? '';
    const from = known.get(source);
    if (from === undefined) service.object(path, `${source} is not among the secrets of the file`);
    const name = (textAt('target') ?? source).replace(/^\/run\/secrets\//, '');
    return typeof from === 'string' ? [{ name, from, as: 'file' }] : [];
  });
}

function preStopOf(service: Fields): Body | undefined {
  const [first, ...more] = service.parts('pre_stop');
  if (more.length > 0) service.object('pre_stop', 'may have one command');
  const command = first?.take('command');
  if (typeof command === 'string') return { command: ['sh', '-c', command] };
  return Array.isArray(command) ? { command: command.map(String) } : undefined;
}

function platformOf(service: Fields): Body {
  const platform = service.text('platform');
  if (platform === undefined) return {};
  const arch = { 'linux/amd64': 'amd64', 'linux/arm64': 'arm64', 'linux/arm64/v8': 'arm64' }[platform];
  if (arch === undefined) service.object('platform', 'must be linux/amd64 or linux/arm64');
  return arch === undefined ? {} : { arch: [arch] };
}

/** So many of it on a node at most. */
function apartOf(deploy: Fields | undefined, name: string): Body {
  const most = deploy?.part('placement')?.number('max_replicas_per_node');
  if (most === undefined) return {};
  return { group: name, spread: [{ topology: 'node', group: name, maxSkew: most }] };
}
