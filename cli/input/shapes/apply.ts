// Sends what a Compose file or manifests of Kubernetes come to. Where anything in them has no counterpart, all of it is
// named and nothing is sent.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { taskBody } from '../../../lib/api/schemas/requests.ts';
import { serviceBody, serviceName } from '../../../lib/api/schemas/tasks/services.ts';
import { RefusedError } from '../../client.ts';
import type { Context } from '../../context.ts';
import { CliError, exits, usageError } from '../../errors.ts';
import { parseItem, readItems } from '../files.ts';
import { ofCompose } from './compose.ts';
import type { ComposeFile } from './compose.ts';
import type { Objection } from './fields.ts';
import { ofKubernetes } from './kubernetes.ts';
import type { Shape } from './shape.ts';

/** More are not named one by one. */
const objectionsShown = 20;
/** Of one file. */
const shapesMax = 200;

export async function applyFile(context: Context, options: Readonly<Record<string, unknown>>): Promise<void> {
  const file = String(options['file']);
  const pool = typeof options['pool'] === 'string' ? { pool: options['pool'] } : {};
  const shapes = shapesOf(file, context.environment.variables).map((one) => ({
    ...one,
    body: { ...one.body, ...pool },
  }));
  if (options['dryRun'] === true) return dryRun(context, shapes);
  const done: unknown[] = [];
  for (const shape of shapes) {
    const answer = await send(context, shape).catch((error: unknown) => {
      throw error instanceof RefusedError ? error.at(`${shape.kind} ${shape.name}`) : error;
    });
    done.push(answer);
  }
  if (context.isJson) context.print(done.length === 1 ? done[0] : { items: done }, () => '');
}

async function send(context: Context, { kind, name, body }: Shape): Promise<unknown> {
  if (kind === 'service') {
    const service = await context.client.call('putService', { params: { name }, body });
    if (!context.isJson)
      context.out(`service ${name}, revision ${String(service.revision)}: ./bellows service show ${name}`);
    return service;
  }
  // A Job that is applied again as it is, is the same Job.
  const key = `apply-${name}-${createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16)}`;
  const headers = { 'idempotency-key': key };
  const request = await context.client.call('submitRequest', { headers, body });
  if (!context.isJson) context.out(`task ${name}, ${request.id}: ./bellows show ${request.id}`);
  return request;
}

async function dryRun(context: Context, shapes: readonly Shape[]): Promise<void> {
  const { yamlOf } = await import('../../printing/yaml.ts');
  context.print({ items: shapes }, () =>
    shapes
      .map(({ kind, name, body }) => yamlOf(kind === 'service' ? { name, ...body } : body).trimEnd())
      .join('\n---\n'),
  );
}

function shapesOf(file: string, variables: ComposeFile['variables']): readonly Shape[] {
  const objections: Objection[] = [];
  const folder = file === '-' ? '.' : dirname(file);
  const read = (path: string): string => {
    try {
      return readFileSync(join(folder, path), 'utf8');
    } catch (error) {
      throw usageError(`cannot read ${path}, which ${file} names: ${error instanceof Error ? error.message : ''}`);
    }
  };
  const items = readItems(file).filter(({ value }) => value !== null);
  const shapes = items.flatMap(({ where, value }) => {
    const path = items.length === 1 ? '' : where;
    if (isMapping(value) && 'kind' in value && 'apiVersion' in value) return ofKubernetes(value, path, objections);
    if (isMapping(value) && 'services' in value) return ofCompose(value, path, { variables, read }, objections);
    throw usageError(
      `${where} is neither a Compose file nor a manifest of Kubernetes`,
      'a service of Bellows is applied by ./bellows service apply, a pool by ./bellows pool apply',
    );
  });
  if (objections.length > 0) throw unsupported(file, objections);
  for (const { kind, name, body } of shapes) {
    const item = { where: `${kind} ${name} of ${file}`, value: body };
    if (kind === 'service') parseItem(serviceName, { ...item, value: name });
    parseItem(kind === 'service' ? serviceBody : taskBody, item);
  }
  if (shapes.length > shapesMax) throw usageError(`${file} has more than ${String(shapesMax)} services and tasks`);
  return shapes;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unsupported(file: string, objections: readonly Objection[]): CliError {
  const lines = objections.slice(0, objectionsShown).map(({ path, message }) => `  ${path} ${message}`);
  const more = objections.length - lines.length;
  const rest = more > 0 ? [`  and ${String(more)} more`] : [];
  return new CliError(
    exits.refused,
    `${file} is not applied, 422 unsupported_field:\n${[...lines, ...rest].join('\n')}`,
    'take out what has no counterpart, or say it in a file of Bellows (docs/compose.md, docs/kubernetes.md)',
  );
}
