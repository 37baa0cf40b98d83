// `volume`: volumes of their own, which are attached to machines and outlive them.
import type { Command } from 'commander';
import type * as z from 'zod';
import type { resizeBody } from '../../../lib/api/schemas/claims.ts';
import type { Run } from '../../context.ts';
import { number } from '../../text.ts';
import { groupOf } from './group.ts';
import { common, created, defined, needsOf, waitable } from './options.ts';
import type { Body, Options } from './options.ts';
import { change, create } from './waiting.ts';

export function registerVolumes(program: Command, run: Run): void {
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
    waitable(volume.command('detach').description('detach it from its machine, and keep it').argument('<id>')),
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
