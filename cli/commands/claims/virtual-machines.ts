// `vm`: virtual machines, each request one or several that are granted together.
import type { Command } from 'commander';
import type { Run } from '../../context.ts';
import { addHardwareOptions, requirementsBody } from '../../input/requirements.ts';
import type { RequirementOptions } from '../../input/requirements.ts';
import { memoryMib, number } from '../../text.ts';
import { groupOf } from './group.ts';
import { common, created, defined, rulesOf, several, waitable } from './options.ts';
import type { Body, Options } from './options.ts';
import { change, create } from './waiting.ts';

export function registerVirtualMachines(program: Command, run: Run): void {
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
}

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

function requirementsOrNone(options: RequirementOptions): object | undefined {
  const { arch: _arch, zone: _zone, ...body } = defined<ReturnType<typeof requirementsBody>>(requirementsBody(options));
  return Object.keys(body).length === 0 ? undefined : body;
}
