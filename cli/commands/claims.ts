// Commands about what is held: vm, volume and network, each with the same verbs.
import type { Command } from 'commander';
import type * as z from 'zod';
import type { machineBody, networkBody, resizeBody, rulesBody, storageBody } from '../../lib/api/claims.ts';
import type { RequestView } from '../../lib/api/requests.ts';
import { isEnd } from '../../lib/core/records/request.ts';
import type { Context, Run } from '../context.ts';
import { RefusedError } from '../client.ts';
import { addHardwareOptions, requirementsBody } from '../requirements.ts';
import type { RequirementOptions } from '../requirements.ts';
import { exits, usageError } from '../errors.ts';
import { keyOf } from '../keys.ts';
import { allPages } from '../pages.ts';
import { duration, memoryMib, number, table } from '../text.ts';
import { describe, show } from './requests.ts';

type Options = Readonly<Record<string, unknown>>;

const kinds = {
  vm: { type: 'virtual_machine', noun: 'virtual machine' },
  volume: { type: 'storage', noun: 'volume' },
  network: { type: 'network', noun: 'security group' },
} as const;
type Kind = keyof typeof kinds;

const pollMs = 500;
const several = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

export function registerClaims(program: Command, run: Run): void {
  const vm = groupOf(program, run, 'vm');
  run(
    addHardwareOptions(created(vm, 'vm'))
      .option('--type <type>', 'instance type, e.g. m7g.large')
      .option('--vcpu <number>', 'at least this many vCPU', number('--vcpu'))
      .option('--memory <size>', 'at least this much memory: 4096, 4096Mi, 4Gi', memoryMib)
      .option('--gpu <number>', 'at least this many GPUs', number('--gpu'))
      .option('--arch <arch>', 'amd64 or arm64')
      .option('--local-disk <gib>', 'at least this much NVMe instance store', number('--local-disk'))
      .option('--bandwidth <gbps>', 'at least this much baseline network bandwidth', number('--bandwidth'))
      .option('--count <number>', 'how many, granted together', number('--count'))
      .option('--spot', 'spot instead of on-demand')
      .option('--zone <zone>', 'availability zone')
      .option('--subnet <id>', 'a subnet of the installation')
      .option('--image <id>', 'machine image')
      .option('--key-pair <name>', 'key pair')
      .option('--role <name>', 'instance profile')
      .option('--user-data <text>', 'what it runs at its first boot')
      .option('--volume <gib|id>', 'a new volume of that many GiB, or a storage request; may be repeated', several)
      .option('--network <id>', 'a network request; may be repeated', several)
      .option('--allow <port:cidr>', 'a rule of its own security group, e.g. 22:10.0.0.0/8; may be repeated', several)
      .option('--allow-public', 'rules may let the whole internet in'),
    async (context, _args, options) => create(context, options, machineOf(options)),
  );
  run(
    waitable(vm.command('stop').description('stop it (on-demand only)').argument('<id>')),
    async (context, [id = ''], options) =>
      change(context, await context.client.call('stopRequest', { params: { id } }), options, {
        isDone: (now) => now.reason === 'stopped',
        refusal: 'stop_refused',
      }),
  );
  run(
    waitable(vm.command('start').description('start it again').argument('<id>')),
    async (context, [id = ''], options) =>
      change(context, await context.client.call('startRequest', { params: { id } }), options, {
        isDone: (now) => now.state === 'active' && now.reason === null,
        refusal: 'start_refused',
      }),
  );

  const volume = groupOf(program, run, 'volume');
  run(
    created(needsOf(volume.command('create').description('ask for a volume')), 'volume', true)
      .option('--zone <zone>', 'availability zone')
      .option('--snapshot <id>', 'made from this snapshot')
      .option('--attach-to <id>', 'a virtual machine request')
      .option('--strategy <name>', 'cheapest, reuse-first or performance')
      .option('--on-release <policy>', 'delete, snapshot or keep')
      .option('--keep <seconds>', 'with keep: for how long', number('--keep')),
    async (context, _args, options) => create(context, options, storageOf(options)),
  );
  run(
    waitable(volume.command('attach').description('attach it to a virtual machine').argument('<id>').argument('<vm>')),
    async (context, [id = '', machine = ''], options) =>
      change(
        context,
        await context.client.call('attachRequest', { params: { id }, body: { request: machine } }),
        options,
        { isDone: (now) => now.state === 'active' && now.reason !== 'attaching', refusal: 'attach_refused' },
      ),
  );
  run(
    waitable(volume.command('detach').description('take it off its machine, and keep it').argument('<id>')),
    async (context, [id = ''], options) =>
      change(context, await context.client.call('detachRequest', { params: { id } }), options, {
        isDone: (now) => now.reason !== 'detaching' && now.reason !== 'busy',
        refusal: null,
      }),
  );
  run(
    waitable(
      needsOf(
        volume.command('resize').description('grow or retype it online; what is not named stays').argument('<id>'),
        'another type: gp3, io2, st1 or sc1; the present one stays unless given',
      ),
    ),
    async (context, [id = ''], options) => {
      const body: z.input<typeof resizeBody> = defined({
        sizeGib: options['size'],
        iops: options['iops'],
        throughputMibps: options['throughput'],
        volumeType: options['class'],
      });
      await change(context, await context.client.call('resizeRequest', { params: { id }, body }), options, {
        isDone: (now) => now.allocation?.resourceType !== 'ebs-volume' || now.allocation.wanted === undefined,
        refusal: 'resize_refused',
      });
    },
  );

  const network = groupOf(program, run, 'network');
  run(
    created(network, 'network')
      .option('--allow <port:cidr>', 'what may come in: PORT:CIDR or PORT:REQUEST; may be repeated', several)
      .option('--dedicated', 'a group of its own, though another has the same rules')
      .option('--allow-public', 'rules may let the whole internet in'),
    async (context, _args, options) => create(context, options, networkOf(options)),
  );
  run(
    waitable(network.command('edit').description("change its rules; nobody else's change").argument('<id>'))
      .option(
        '--allow <port:cidr>',
        'what may come in, in place of all present rules: PORT:CIDR or PORT:REQUEST; may be repeated',
        several,
      )
      .option('--add <port:cidr>', 'beside the present rules; may be repeated', several)
      .option('--remove <port:cidr>', 'no more; may be repeated', several)
      .option('--allow-public', 'rules may let the whole internet in'),
    edit,
  );
}

/** The verbs that all three have; the group's command. */
function groupOf(program: Command, run: Run, kind: Kind): Command {
  const { noun, type } = kinds[kind];
  const group = program.command(kind).description(`hold a ${noun}: create, list, show, release, …`);
  run(
    group.command('list').description('list them').option('--all', 'also those that have ended'),
    async (context, _args, options) => list(context, type, options),
  );
  run(group.command('show').description('show one, with its parts').argument('<id>'), show);
  run(group.command('renew').description('renew its lease').argument('<id>'), async (context, [id = '']) =>
    say(context, await context.client.call('renewRequest', { params: { id } })),
  );
  run(
    group
      .command('release')
      .description('give it back')
      .argument('<id>')
      .option('--wait', 'until nothing of it is left'),
    async (context, [id = ''], options) => {
      const request = await context.client.call('cancelRequest', { params: { id } });
      await finish(
        context,
        request,
        options,
        (now) => isEnd(now.state),
        (now) => now.state === 'released' || now.state === 'cancelled',
      );
    },
  );
  return group;
}

function created(parent: Command, kind: Kind, isCommand = false): Command {
  const command = isCommand ? parent : parent.command('create').description(`ask for a ${kinds[kind].noun}`);
  return command
    .option('--pool <name>', 'the pool')
    .option('--lease <seconds>', 'given back after this, unless renewed', number('--lease'))
    .option('--key <text>', 'idempotency key: the same key and options are the same request')
    .option('--wait', 'until it is active');
}

function waitable(command: Command): Command {
  return command.option('--wait', 'until it is done');
}

function needsOf(
  command: Command,
  ofClass = 'gp3, io2, st1 or sc1; the cheapest that meets the needs unless given',
): Command {
  return command
    .option('--size <gib>', 'GiB', number('--size'))
    .option('--iops <number>', 'operations a second that it must sustain', number('--iops'))
    .option('--throughput <mibps>', 'MiB a second that it must sustain', number('--throughput'))
    .option('--class <type>', ofClass);
}

/** Without what was not said: the server has the defaults, and the last word on what is valid. */
function defined<T extends object>(value: Readonly<Record<string, unknown>>): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}

function requirementsOrNone(options: RequirementOptions): object | undefined {
  const { arch: _arch, zone: _zone, ...body } = defined<ReturnType<typeof requirementsBody>>(requirementsBody(options));
  return Object.keys(body).length === 0 ? undefined : body;
}

type Body = z.input<typeof machineBody> | z.input<typeof storageBody> | z.input<typeof networkBody>;

function machineOf(options: Options): Body {
  const needs = defined({
    vcpu: options['vcpu'],
    memoryMib: options['memory'],
    gpu: options['gpu'],
    arch: options['arch'],
    localDiskGib: options['localDisk'],
    networkGbps: options['bandwidth'],
  });
  const volumes = ((options['volume'] as readonly string[] | undefined) ?? []).map((one) =>
    /^\d+$/.test(one) ? { sizeGib: Number(one) } : { request: one },
  );
  const rules = rulesOf(options);
  return defined({
    type: 'virtual_machine',
    instanceType: options['type'],
    needs: Object.keys(needs).length === 0 ? undefined : needs,
    requirements: requirementsOrNone(options as RequirementOptions),
    bursty: options['bursty'],
    count: options['count'],
    zone: options['zone'],
    subnetId: options['subnet'],
    capacityType: options['spot'] === true ? 'spot' : undefined,
    image: options['image'],
    keyPair: options['keyPair'],
    role: options['role'],
    userData: options['userData'],
    volumes: volumes.length === 0 ? undefined : volumes,
    networks: options['network'],
    network: rules.length === 0 ? undefined : defined({ ingress: rules, allowPublic: options['allowPublic'] }),
    ...common(options),
  });
}

function storageOf(options: Options): Body {
  return defined({
    type: 'storage',
    sizeGib: options['size'],
    iops: options['iops'],
    throughputMibps: options['throughput'],
    volumeType: options['class'],
    zone: options['zone'],
    snapshotId: options['snapshot'],
    attachTo: options['attachTo'],
    strategy: options['strategy'],
    onRelease: options['onRelease'],
    keepSeconds: options['keep'],
    ...common(options),
  });
}

function networkOf(options: Options): Body {
  return defined({
    type: 'network',
    ingress: rulesOf(options),
    sharing: options['dedicated'] === true ? 'dedicated' : undefined,
    allowPublic: options['allowPublic'],
    ...common(options),
  });
}

function common(options: Options): Record<string, unknown> {
  return { pool: options['pool'], leaseSeconds: options['lease'] };
}

/** `22:10.0.0.0/8`, `8000-8080:10.0.0.0/8`, `5432:r-…` */
function rulesOf(options: Options, option: 'allow' | 'add' | 'remove' = 'allow'): Rule[] {
  return ((options[option] as readonly string[] | undefined) ?? []).map((text) => {
    const match = /^(\d+)(?:-(\d+))?:(.+)$/.exec(text);
    if (!match?.[1] || !match[3])
      throw usageError(`--${option} ${text} is no rule`, 'give PORT:CIDR or PORT:REQUEST, e.g. 22:10.0.0.0/8');
    const ports = { fromPort: Number(match[1]), toPort: Number(match[2] ?? match[1]) };
    return match[3].includes('/') ? { ...ports, cidr: match[3] } : { ...ports, request: match[3] };
  });
}

interface Rule {
  readonly protocol?: 'tcp' | 'udp' | 'icmp' | 'all';
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidr?: string;
  readonly request?: string;
}

/** How often an edit is made anew on rules that somebody else has changed in between. */
const editTriesMax = 5;

async function edit(context: Context, [id = '']: readonly string[], options: Options): Promise<void> {
  const [added, removed] = [rulesOf(options, 'add'), rulesOf(options, 'remove')];
  if (options['allow'] !== undefined && added.length + removed.length > 0)
    throw usageError('--allow names all rules, --add and --remove change the present ones', 'give one or the other');
  if (options['allow'] === undefined && added.length + removed.length === 0)
    throw usageError('there is nothing to change', 'give --allow, --add or --remove, e.g. --add 22:10.0.0.0/8');
  for (let tries = 1; ; tries += 1) {
    const present = await context.client.call('getRequest', { params: { id } });
    const body = {
      ingress: options['allow'] !== undefined ? rulesOf(options) : edited(present, added, removed),
      allowPublic: options['allowPublic'] === true,
    };
    try {
      // Made on what was read, or not at all: nobody's edit is lost.
      const request = await context.client.call('editRules', {
        params: { id },
        headers: defined({ 'if-match': present.etag }),
        body,
      });
      await change(context, request, options, {
        isDone: (now) => now.network?.wanted === null && now.reason !== 'changing_rules',
        refusal: 'edit_refused',
      });
      return;
    } catch (error) {
      if (!(error instanceof RefusedError) || error.problem.code !== 'precondition_failed' || tries >= editTriesMax)
        throw error;
    }
  }
}

/** The rules that are wanted by now, with these added and taken away. */
function edited(
  { id, network }: RequestView,
  added: readonly Rule[],
  removed: readonly Rule[],
): NonNullable<z.input<typeof rulesBody>['ingress']> {
  if (!network) throw usageError(`request ${id} has no rules`, 'give the id of a network');
  const { ingress } = network.wanted ?? network;
  const key = (one: {
    fromPort?: number | null;
    toPort?: number | null;
    cidr?: string | null;
    request?: string | null;
  }): string => `${String(one.fromPort)}-${String(one.toPort)} ${one.cidr ?? one.request ?? ''}`;
  const unknown = removed.find((one) => !ingress.some((rule) => rule.protocol === 'tcp' && key(rule) === key(one)));
  if (unknown)
    throw usageError(
      `there is no rule ${key(unknown)}`,
      `./bellows network show ${id} --json shows those that there are`,
    );
  const gone = new Set(removed.map(key));
  const kept = ingress.filter((rule) => rule.protocol !== 'tcp' || !gone.has(key(rule)));
  return [
    ...kept.map((rule) =>
      defined<Rule>(Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== null))),
    ),
    ...added,
  ];
}

interface Change {
  readonly isDone: (now: RequestView) => boolean;
  /** The entry of the timeline that says that EC2 did not do it. */
  readonly refusal: string | null;
}

/** What was asked for, and what it waits for; with --wait until it is done, and exit 1 where it was not. */
async function change(
  context: Context,
  first: RequestView,
  options: Options,
  { isDone, refusal }: Change,
): Promise<void> {
  let request = first;
  const begun = (await context.client.call('getTimeline', { params: { id: first.id } })).items;
  let said = '';
  const tell = (line: string): void => {
    if (line !== said && !context.isJson) context.say(`${first.id} ${request.state}: ${line}`);
    said = line;
  };
  if (options['wait'] !== true) {
    say(context, request, begun.at(-1)?.message);
    return;
  }
  let { items } = { items: begun };
  while (!isDone(request) && !isEnd(request.state)) {
    tell(items.at(-1)?.message ?? '');
    await context.environment.sleep(pollMs);
    request = await context.client.call('getRequest', { params: { id: first.id } });
    ({ items } = await context.client.call('getTimeline', { params: { id: first.id } }));
  }
  const sinceMs = Date.parse(begun.at(-1)?.at ?? '');
  const refused = items.find((entry) => entry.code === refusal && Date.parse(entry.at) >= sinceMs);
  tell((refused ?? items.at(-1))?.message ?? '');
  say(context, request);
  if (refused || isEnd(request.state)) context.exit = exits.failed;
}

async function create(context: Context, options: Options, body: Body): Promise<void> {
  const key = keyOf(context, options['key']);
  const request = await context.client.call('submitRequest', { headers: { 'idempotency-key': key }, body });
  await finish(
    context,
    request,
    options,
    (now) => now.state === 'active' || isEnd(now.state),
    (now) => now.state === 'active',
  );
}

/** With --wait until `isDone`, saying what it waits for; exits 1 unless `isGood` then. */
async function finish(
  context: Context,
  first: RequestView,
  options: Options,
  isDone: (now: RequestView) => boolean,
  isGood: (now: RequestView) => boolean,
): Promise<void> {
  let request = first;
  let said = '';
  while (options['wait'] === true && !isDone(request)) {
    await context.environment.sleep(pollMs);
    request = await context.client.call('getRequest', { params: { id: first.id } });
    const { items } = await context.client.call('getTimeline', { params: { id: first.id } });
    const line = items.at(-1)?.message ?? '';
    if (line !== said && !context.isJson) context.say(`${first.id} ${request.state}: ${line}`);
    said = line;
  }
  say(context, request);
  if (options['wait'] === true && !isGood(request)) context.exit = exits.failed;
}

/** `what`: what is going on with it. */
function say(context: Context, request: RequestView, what = ''): void {
  const until = request.nextTryAt === undefined ? '' : `, until ${request.nextTryAt}`;
  context.print(
    request,
    () =>
      `${request.id} `
      + `${request.state}${request.reason === null ? '' : ` (${request.reason}${until})`}`
      + `${request.allocation === null ? '' : `: ${describe(request.allocation)}`}`
      + `${what === '' ? '' : `\n  ${what}`}`,
  );
}

async function list(
  context: Context,
  type: 'virtual_machine' | 'storage' | 'network',
  options: Options,
): Promise<void> {
  const page = await allPages((query) => context.client.call('listRequests', { query: { type, ...query } }));
  const items = page.items.filter((one) => options['all'] === true || !isEnd(one.state));
  const nowMs = context.environment.nowMs();
  context.print({ ...page, items }, () =>
    items.length === 0
      ? 'none'
      : table(
          ['ID', 'STATE', 'POOL', 'AGE', 'LEASE', 'HAS', 'REASON'],
          items.map((one) => [
            one.id,
            one.state,
            one.pool,
            duration(nowMs - Date.parse(one.createdAt)),
            one.leaseEndsAt === undefined ? '-' : duration(Date.parse(one.leaseEndsAt) - nowMs),
            one.allocation === null ? '-' : describe(one.allocation),
            one.reason ?? '',
          ]),
        ),
  );
}
