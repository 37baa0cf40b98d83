// Commands about services: what is wanted, what runs of it, and what it did.
import type { Command } from 'commander';
import type { ReplicaView, ServiceView } from '../../../lib/api/schemas/tasks/services.ts';
import { watchable } from '../../context.ts';
import type { Context, Run } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { allPages } from '../../pages.ts';
import { forecastLines } from '../figures/forecast.ts';
import { duration, facts, number, plural, table } from '../../text.ts';

export function registerServices(program: Command, run: Run): void {
  const service = program.command('service').description('declare, show, scale or delete services');
  run(
    service
      .command('apply')
      .description('create or replace a service')
      .requiredOption('-f, --file <file>', 'its name, template, replicas: YAML or JSON; "-" is standard input')
      .argument('[name]', 'unless the file names it'),
    apply,
  );
  run(watchable(service.command('list')).description('list services'), list);
  run(watchable(service.command('show')).description('a service and its replicas').argument('<name>'), show);
  run(
    service
      .command('scale')
      .description('change how many replicas are wanted')
      .argument('<name>')
      .argument('<replicas>'),
    scale,
  );
  run(
    service
      .command('rollback')
      .description('go back to an earlier revision')
      .argument('<name>')
      .option('--to <revision>', 'one that is kept; the one before unless given', number('--to')),
    rollBack,
  );
  run(
    service
      .command('report')
      .description('report a number that its policies go by')
      .argument('<name>')
      .argument('<metric>')
      .argument('<value>')
      .option('--at <time>', 'when it was so, RFC 3339; now unless given'),
    report,
  );
  run(
    service
      .command('forecast')
      .description('what its policies will want, by which method, and how far off that was')
      .argument('<name>'),
    forecast,
  );
  run(service.command('delete').description('drain and stop its replicas, then delete it').argument('<name>'), remove);
  run(watchable(service.command('events')).description('what it did and why, newest first').argument('<name>'), events);
}

function standing({ replicas, ready, current, pending, stopping, deletingSince }: ServiceView): string {
  const parts = [
    `${String(ready)} of ${String(replicas)} ready`,
    current < ready ? `${String(current)} with the present template` : null,
    pending > 0 ? `${String(pending)} pending` : null,
    stopping > 0 ? `${String(stopping)} stopping` : null,
    deletingSince === null ? null : 'being deleted',
  ];
  return parts.filter((part) => part !== null).join(', ');
}

/** `running, 12 of 20` */
function rolloutText({ rollout, current, replicas }: ServiceView): string {
  const { state, reason } = rollout;
  const progress = state === 'running' || state === 'rolling-back' ? `, ${String(current)} of ${String(replicas)}` : '';
  return `${state}${progress}${reason === null ? '' : `; ${reason}`}`;
}

/** null: no policy moves the count. */
function scalingText({ name, min = 0, max = 0, policies }: ServiceView): string | null {
  if (policies === undefined) return null;
  const names = policies.map((one) => `${one.kind} ${one.name}`).join(', ');
  return `${String(min)} to ${String(max)} by ${names}: bellows why service ${name}`;
}

/** A row for each target group, and one for each of its calls that fails. */
function targetGroupRows({ targetGroups = [] }: ServiceView): readonly (readonly [string, string])[] {
  return targetGroups.flatMap(({ arn, port, registered, healthy, troubles }) => [
    [
      'target group',
      `${arn.split('/')[1] ?? arn}, port ${port}: ${String(registered)} registered, ${String(healthy)} healthy`,
    ] as const,
    ...troubles.map(({ call, message }) => ['', `${call} fails: ${message}`] as const),
  ]);
}

async function apply(
  context: Context,
  [given]: readonly string[],
  { file }: { readonly file?: string },
): Promise<void> {
  const { readOne } = await import('../../input/files.ts');
  const body = readOne(file ?? '-') as { readonly name?: unknown };
  const name = given ?? body.name;
  if (typeof name !== 'string')
    throw usageError('the service has no name', 'write name: into the file, or give it after apply');
  const service = await context.client.call('putService', { params: { name }, body });
  context.print(service, () => `service ${name}, revision ${String(service.revision)}: ${standing(service)}`);
}

async function list(context: Context): Promise<void> {
  const services = await allPages((query) => context.client.call('listServices', { query }));
  const now = context.environment.nowMs();
  context.print(services, () =>
    services.items.length === 0
      ? 'no services'
      : table(
          ['NAME', 'POOL', 'WANTED', 'READY', 'PENDING', 'STOPPING', 'REVISION', 'ROLLOUT', 'AGE', ''],
          services.items.map((one) => [
            one.name,
            one.pool,
            ...[one.replicas, one.ready, one.pending, one.stopping, one.revision].map(String),
            one.rollout.state,
            duration(now - Date.parse(one.createdAt)),
            one.deletingSince === null ? (one.reason ?? '') : 'being deleted',
          ]),
          context.width,
        ),
  );
}

async function show(context: Context, [name = '']: readonly string[]): Promise<void> {
  const service = await context.client.call('getService', { params: { name } });
  const replicas = await allPages((query) => context.client.call('listReplicas', { params: { name }, query }));
  context.print({ ...service, items: replicas.items }, () =>
    [
      facts([
        ['service', service.name],
        ['pool', service.pool],
        ['replicas', standing(service)],
        ['scaling', scalingText(service)],
        ['revision', `${String(service.revision)}: ${rolloutText(service)}`],
        ['update', `at most ${String(service.update.maxUnavailable)} fewer, ${String(service.update.maxSurge)} more`],
        ['set aside', service.reason],
        ...targetGroupRows(service),
      ]),
      replicaTable(replicas.items, service.template.machine !== undefined, context),
    ].join('\n\n'),
  );
}

function replicaTable(
  replicas: readonly ReplicaView[],
  areMachines: boolean,
  { width, environment }: Pick<Context, 'width' | 'environment'>,
): string {
  const now = environment.nowMs();
  const where = areMachines ? ['MACHINE', 'TYPE', 'ZONE', 'ADDRESS'] : ['NODE', 'ZONE', 'PORTS'];
  return table(
    ['PLACE', 'REQUEST', 'STATE', 'REVISION', 'CRASHES', ...where, 'UP', 'REASON'],
    replicas.map((one) => [
      String(one.slot),
      one.request,
      one.state,
      String(one.revision),
      String(one.crashes),
      ...(areMachines ? machinePlace(one) : taskPlace(one)),
      one.startedAt === null ? '-' : duration(now - Date.parse(one.startedAt)),
      one.reason ?? '',
    ]),
    width,
  );
}

function machinePlace({ machine, address }: ReplicaView): readonly string[] {
  return [machine?.id ?? '-', machine?.instanceType ?? '-', machine?.zone ?? '-', address ?? '-'];
}

function taskPlace({ node, ports, address }: ReplicaView): readonly string[] {
  const open = ports.map(({ port }) => `${address ?? ''}:${String(port)}`).join(' ');
  return [node?.id ?? '-', node?.zone ?? '-', open || '-'];
}

async function scale(context: Context, [name = '', text = '']: readonly string[]): Promise<void> {
  const replicas = number('REPLICAS')(text);
  const service = await context.client.call('scaleService', { params: { name }, body: { replicas } });
  context.print(service, () => `service ${name}: ${plural(service.replicas, 'replica')} wanted, ${standing(service)}`);
}

async function report(
  context: Context,
  [name = '', metric = '', text = '']: readonly string[],
  { at }: { readonly at?: string },
): Promise<void> {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) throw usageError(`VALUE must be a number, not ${text}`, 'e.g. 120');
  const body = { value, ...(at === undefined ? {} : { at }) };
  const known = await context.client.call('reportMetric', { params: { name, metric }, body });
  context.print(known, () => `${known.metric} of service ${name} is ${String(known.value)}, as of ${known.at}`);
}

async function forecast(context: Context, [name = '']: readonly string[]): Promise<void> {
  const view = await context.client.call('getServiceForecast', { params: { name } });
  const { demandReplicas: now, lowReplicas: low, expectedReplicas: expected, wantedReplicas: wanted } = view;
  const methods = view.methods.map((one) => ({ ...one, meanError: one.meanErrorReplicas }));
  const replicas = (value: number): string => plural(value, 'replica');
  context.print(view, () => forecastLines({ ...view, now, low, expected, wanted, methods }, replicas).join('\n'));
}

async function rollBack(
  context: Context,
  [name = '']: readonly string[],
  { to: revision }: { readonly to?: number },
): Promise<void> {
  const body = revision === undefined ? {} : { revision };
  const service = await context.client.call('rollBackService', { params: { name }, body });
  context.print(service, () => `service ${name} goes back to revision ${String(service.revision)}`);
}

async function remove(context: Context, [name = '']: readonly string[]): Promise<void> {
  const service = await context.client.call('deleteService', { params: { name } });
  context.print(service, () => `service ${name} is being deleted: ${standing(service)}`);
}

async function events(context: Context, [name = '']: readonly string[]): Promise<void> {
  const all = await context.client.call('listServiceEvents', { params: { name } });
  context.print(all, () =>
    all.items.length === 0
      ? 'nothing yet'
      : table(
          ['AT', 'WHAT', ''],
          all.items.map((one) => [one.at, one.code, one.message]),
          context.width,
        ),
  );
}
